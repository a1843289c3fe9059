/** Public pools: what they are, how one stands in them, and taking and giving back records. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page, RecordData, Text } from '@/api/types'
import type { Criteria } from '@/criteria/model'

const BASE = '/api/customer/v1'
const MOST = 200
const of = (object: string, rest: string) => `${BASE}/records/${encodeURIComponent(object)}/${rest}`
const once = () => ({ idempotencyKey: newIdempotencyKey() })

export interface Reason {
  value: string
  label: Text
}

export interface Mine {
  member: boolean
  manager: boolean
  held?: number
  max_held?: number | null
  claimed_today?: number
  max_claims_per_day?: number | null
}

/** Records go back by themselves; `since` says since when the rule is on. */
export interface ReturnRule {
  id?: string
  field: string | null
  days: number
  unless: Criteria | null
  warn_days: number
  all_owned: boolean
  active: boolean
  since?: string | null
}

export interface ReturnPreview {
  count: number
  count_is: 'exact' | 'at_least'
  warned: number
  examples: { id: string; title: string | null; owner_id: string; owner_name: string | null }[]
  owners: { owner_id: string; owner_name: string | null; count: number }[]
}

export interface PoolDraft {
  object: string
  name: Text
  active: boolean
  members: string[]
  managers: string[]
  criteria: Criteria | null
  takes_new: boolean
  max_held: number | null
  max_claims_per_day: number | null
  former_owner_days: number
  owners_return: boolean
  reasons: Reason[]
  reason_required: boolean
  masked: string[]
  returns: ReturnRule[]
}

/** Members, managers and criteria are there only for who manages objects. */
export interface Pool extends PoolDraft {
  id: string
  version: number
  mine: Mine
  grantee_names?: Record<string, string>
  broken?: boolean
}

export interface NamedPool {
  id: string
  name: Text
  reasons: Reason[]
  reason_required: boolean
}

export interface RecordPool {
  pool: { id: string; name: Text } | null
  in_pool: boolean
  can_claim: boolean
  why_not: { code: string; held?: number; allowed?: number; until?: string } | null
  can_assign: boolean
  can_move: boolean
  return_to: NamedPool[]
}

export interface Passed {
  done: number
  results: { status: number; problem?: { code: string; title: string; detail: string } }[]
}

export const fetchPools = async (object?: string) =>
  (await http.get<Page<Pool>>(`${BASE}/pools`, { query: { object, limit: MOST } })).items

export const createPool = (draft: PoolDraft) => http.post<Pool>(`${BASE}/pools`, draft, once())
export const changePool = (id: string, changes: Partial<Omit<PoolDraft, 'object'>>) =>
  http.patch<Pool>(`${BASE}/pools/${id}`, changes)
export const deletePool = (id: string) => http.delete(`${BASE}/pools/${id}`)

export const previewReturns = (id: string, rule: ReturnRule) =>
  http.post<ReturnPreview>(`${BASE}/pools/${id}/returns/preview`, rule)

export const fetchRecordPool = (object: string, id: string) => http.get<RecordPool>(of(object, `${id}/pool`))

type Answer = { record: RecordData | null; version: number }

export const claimRecord = (object: string, id: string) => http.post<Answer>(of(object, `${id}/claim`), {}, once())

export const returnRecord = (
  object: string,
  id: string,
  wish: { pool_id: string; reason: string | null; note: string },
) => http.post<Answer>(of(object, `${id}/return`), wish, once())

export const claimMany = (object: string, ids: string[]) => http.post<Passed>(of(object, 'claim'), { ids }, once())

export const assignMany = (object: string, ids: string[], user: string) =>
  http.post<Passed>(of(object, 'assign'), { ids, user_id: user }, once())

export const moveMany = (object: string, ids: string[], pool: string) =>
  http.post<Passed>(of(object, 'move'), { ids, pool_id: pool }, once())

/** What lies in a pool. */
export const inside = (pool: string, further: Criteria | null): Criteria => ({
  all: [
    { field: 'pool_id', op: 'eq', value: pool },
    { field: 'owner_id', op: 'is_empty' },
    ...(further ? [further] : []),
  ],
})
