/** Objects and records of the customer service. */
import { download, http, newIdempotencyKey } from './http'
import { pageSignal } from './navigation'
import type { ProblemBody } from './problem'
import type { ObjectDefinition, Page, RecordData, TimelineEntry } from './types'
import type { Criteria } from '@/criteria/model'

const BASE = '/api/customer/v1'
const records = (object: string, rest = '') => `${BASE}/records/${encodeURIComponent(object)}${rest}`

export interface RecordQuery {
  criteria?: Criteria | null
  sort?: string[]
  fields?: string[]
  limit?: number
  cursor?: string
  total?: 'exact' | 'estimate'
  q?: string
  expand?: string[]
}

export interface BatchOperation {
  action: 'create' | 'update' | 'delete'
  id?: string
  version?: number
  values?: Record<string, unknown>
}

export interface BatchResult {
  status: number
  record?: RecordData
  problem?: ProblemBody
}

export interface DuplicateMatch {
  id: string
  title: string
  /** The fields of duplicate rules that are equal. */
  matched: string[]
  score: number | null
  reasons: { field: string; reason: string; alike: number; for: boolean; text: string }[]
}

/** What is like a record that is being entered; `others`: there is one that the person may not see, and whose. */
export interface DuplicateCheck {
  items: DuplicateMatch[]
  others: { owners: { id: string; name: string }[] } | null
}

export interface Converted {
  created: Record<string, string>
  record: RecordData
}

export async function fetchObjects(): Promise<ObjectDefinition[]> {
  const answer = await http.get<Page<ObjectDefinition>>(`${BASE}/objects`, { lasting: true })
  return answer.items
}

export const queryRecords = (object: string, query: RecordQuery, signal: AbortSignal = pageSignal()) =>
  http.post<Page<RecordData>>(records(object, '/query'), dropEmpty(query), { signal })

export const fetchRecord = (object: string, id: string) =>
  http.get<RecordData>(records(object, `/${id}`), { query: { expand: 'labels' } })

export const createRecord = (object: string, values: Record<string, unknown>, idempotencyKey = newIdempotencyKey()) =>
  http.post<RecordData>(records(object), values, { idempotencyKey })

export const updateRecord = (object: string, id: string, values: Record<string, unknown>, version?: number) =>
  http.patch<RecordData>(records(object, `/${id}`), values, { ifMatch: version })

export const deleteRecord = (object: string, id: string, version?: number) =>
  http.delete(records(object, `/${id}`), { ifMatch: version })

export async function batch(object: string, operations: BatchOperation[]): Promise<BatchResult[]> {
  const body = { operations, atomic: false }
  const answer = await http.post<{ results: BatchResult[] }>(records(object, '/batch'), body, {
    idempotencyKey: newIdempotencyKey(),
  })
  return answer.results
}

/** What of a timeline is wanted: kinds with commas, a person, from a moment to another. */
export interface TimelineFilter {
  kind?: string
  by?: string
  from?: string
  to?: string
}

export const fetchTimeline = (object: string, id: string, cursor?: string, limit = 20, filter: TimelineFilter = {}) =>
  http.get<Page<TimelineEntry>>(records(object, `/${id}/timeline`), { query: { cursor, limit, ...filter } })

export const findDuplicates = (object: string, values: Record<string, unknown>, signal?: AbortSignal) =>
  http.post<DuplicateCheck>(records(object, '/duplicates'), { values }, { signal })

/** For each record the answer to each condition; related records count as they are stored and as the person sees them. */
export const judgeRecords = async (object: string, conditions: Criteria[], given: Record<string, unknown>[]) =>
  (await http.post<{ holds: boolean[][] }>(records(object, '/judge'), { conditions, records: given })).holds

export const convertRecord = (object: string, id: string, values: Record<string, unknown>, skip: string[]) =>
  http.post<Converted>(records(object, `/${id}/convert`), { values, skip }, { idempotencyKey: newIdempotencyKey() })

export interface ExportWish {
  criteria?: Criteria | null
  q?: string
  sort?: string[]
  fields: string[]
  format: 'csv' | 'xlsx'
  /** With ids, and with names that name only one record: to be edited and imported again. */
  for_import?: boolean
}

/** Has a list written into a file in the background. */
export const beginExport = (object: string, body: ExportWish) =>
  http.post<{ id: string }>('/api/customer/v1/exports', { object, ...dropEmpty(body) })

export const exportRecords = (object: string, body: ExportWish) =>
  download('POST', records(object, '/export'), `${object}.${body.format}`, { body: dropEmpty(body) })

function dropEmpty<T extends object>(body: T): Partial<T> {
  const entries = Object.entries(body).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return Object.fromEntries(entries) as Partial<T>
}
