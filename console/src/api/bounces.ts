/** E-mail addresses of records that mail came back from. */
import { http } from './http'

export interface Bounced {
  field: string
  /** When it failed for good; null: it only was not reached now and then. */
  failed_at: string | null
  status: string | null
  softs: number
  last_at: string
}

const of = (object: string, id: string) => `/api/notify/v1/undeliverable/${object}/${id}`

export const fetchBounced = (object: string, id: string) =>
  http.get<{ items: Bounced[]; may_clear: boolean }>(of(object, id))

export const clearBounced = (object: string, id: string, field: string) => http.delete(`${of(object, id)}/${field}`)
