/** Pairs that look alike, scans, what counts, merges. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page, RecordData } from '@/api/types'

export type PairState = 'open' | 'same' | 'different' | 'later'

export interface Reason {
  field: string
  reason: string
  alike: number
  for: boolean
  text: string
}

export interface Pair {
  id: string
  score: number
  state: PairState
  reasons: Reason[]
  records: [RecordData, RecordData]
}

export interface Scan {
  id: string
  state: 'running' | 'finished' | 'failed'
  records: number
  pairs: number
  started_at: string
  finished_at: string | null
}

export interface Setup {
  fields: { field: string; as: string }[]
  threshold: string
  others: Told
  /** Whether somebody chose it; otherwise the fields suggest it. */
  is_chosen?: boolean
}

/** What is told of a record that one may not see. */
export type Told = 'nothing' | 'exists' | 'owner'
export const TOLD: Told[] = ['owner', 'exists', 'nothing']

export interface Merge {
  id: string
  survivor_id: string
  survivor_title: string
  merged_id: string
  merged_title: string
  at: string
  by: { id: string; name: string } | null
  undone_at: string | null
}

export const KINDS = [
  'company',
  'person',
  'name_part',
  'phone',
  'email',
  'website',
  'number',
  'birthday',
  'place',
  'exact',
]

const BASE = '/api/customer/v1'
const of = (object: string, rest = '') => `${BASE}/duplicates/${encodeURIComponent(object)}${rest}`

export const fetchPairs = (object: string, state: PairState, cursor?: string) =>
  http.get<Page<Pair>>(of(object), { query: { state, cursor } })

export const decidePair = (object: string, id: string, decision: PairState) =>
  http.post(of(object, `/pairs/${id}`), { decision })

export const fetchScan = async (object: string) => (await http.get<{ scan: Scan | null }>(of(object, '/scan'))).scan

export const startScan = async (object: string) => (await http.post<{ scan: Scan }>(of(object, '/scan'))).scan

export const fetchSetup = (object: string) => http.get<Setup>(of(object, '/setup'))

/** Go back to what the fields suggest. */
export const dropSetup = (object: string) => http.delete(of(object, '/setup'))

export const saveSetup = (object: string, setup: Setup) => http.put<Setup>(of(object, '/setup'), setup)

export const mergeRecords = (object: string, survivor: RecordData, merged: RecordData, take: string[]) =>
  http.post<{ merge_id: string; record: RecordData }>(
    `${BASE}/records/${encodeURIComponent(object)}/${survivor.id}/merge`,
    { merged: merged.id, take, versions: { [survivor.id]: survivor.version, [merged.id]: merged.version } },
    { idempotencyKey: newIdempotencyKey() },
  )

export const fetchMerges = (object: string, cursor?: string) =>
  http.get<Page<Merge>>(`${BASE}/merges`, { query: { object, cursor } })

export const undoMerge = (id: string) =>
  http.post<{ record: RecordData }>(`${BASE}/merges/${id}/undo`, undefined, { idempotencyKey: newIdempotencyKey() })
