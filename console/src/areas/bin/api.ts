/** Deleted records that can still come back. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page, RecordData } from '@/api/types'

export interface DeletedRecord {
  id: string
  title: string | null
  owner_id: string | null
  deleted_at: string
  deleted_by: { id: string | null; name: string | null } | null
  purged_at: string
}

const bin = (object: string, rest = '') => `/api/customer/v1/bin/${encodeURIComponent(object)}${rest}`

export const fetchBin = (object: string, cursor?: string) =>
  http.get<Page<DeletedRecord>>(bin(object), { query: { cursor, limit: 50 } })

export const bringBack = (object: string, id: string) =>
  http.post<{ record: RecordData; lost: string[] }>(
    bin(object, `/${id}/restore`),
    {},
    { idempotencyKey: newIdempotencyKey() },
  )

export const purgeDeleted = (object: string, id: string) => http.delete(bin(object, `/${id}`))
