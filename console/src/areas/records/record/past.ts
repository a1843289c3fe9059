/** A record as it was: what differed at a moment, and how it comes back. */
import { http, newIdempotencyKey } from '@/api/http'
import type { RecordData } from '@/api/types'

const BASE = '/api/customer/v1'
const one = (object: string, id: string) => `${BASE}/records/${encodeURIComponent(object)}/${id}`

export type PastState = 'exists' | 'not_yet' | 'deleted'

export interface Comparison {
  from: string
  to: string
  from_state: PastState
  to_state: PastState
  changes: { field: string; before: unknown; after: unknown }[]
}

export interface PastRecord {
  at: string
  state: PastState
  record: RecordData | null
}

export const compareMoments = (object: string, id: string, from: string, to?: string) =>
  http.get<Comparison>(`${one(object, id)}/compare`, { query: { from, to } })

export const fetchAsOf = (object: string, id: string, at: string) =>
  http.get<PastRecord>(`${one(object, id)}/as-of`, { query: { at } })

export const restoreRecord = (object: string, id: string, at: string, fields?: string[], version?: number) =>
  http.post<{ record: RecordData }>(
    `${one(object, id)}/restore`,
    { at, ...(fields ? { fields } : {}) },
    { ifMatch: version, idempotencyKey: newIdempotencyKey() },
  )
