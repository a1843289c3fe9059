/** Bulk jobs: one change, or the removal, of all records that match. */
import { download, http, newIdempotencyKey } from '@/api/http'
import type { Page } from '@/api/types'
import type { Criteria } from '@/criteria/model'

const BASE = '/api/customer/v1/bulk-jobs'

export type BulkState = 'running' | 'finished' | 'failed' | 'cancelled' | 'undoing' | 'undone'

export interface BulkJob {
  id: string
  object: string
  action: 'update' | 'delete' | 'tag'
  state: BulkState
  values: Record<string, unknown> | null
  started_by: string | null
  progress: { done: number; total: number }
  counts: { changed: number; unchanged: number; refused: number }
  undo: { restored: number; kept: number } | null
  can_undo: boolean
  can_cancel: boolean
  problem: { title: string; detail: string } | null
  created_at: string
  finished_at: string | null
}

export interface RefusedRecord {
  id: string
  title: string | null
  detail: string
}

export interface NewBulkJob {
  object: string
  action: 'update' | 'delete' | 'tag'
  values?: Record<string, unknown>
  criteria?: Criteria
  q?: string
}

export const startBulk = (job: NewBulkJob) => http.post<BulkJob>(BASE, job, { idempotencyKey: newIdempotencyKey() })

export const fetchBulk = (id: string) => http.get<BulkJob>(`${BASE}/${id}`, { lasting: true })

export const fetchBulks = (cursor?: string) => http.get<Page<BulkJob>>(BASE, { query: { limit: 20, cursor } })

export const cancelBulk = (id: string) => http.post<BulkJob>(`${BASE}/${id}/cancel`)

export const undoBulk = (id: string) => http.post<BulkJob>(`${BASE}/${id}/undo`)

export const fetchRefused = (id: string, kind: 'refused' | 'kept', cursor?: string) =>
  http.get<Page<RefusedRecord>>(`${BASE}/${id}/${kind}`, { query: { limit: 20, cursor } })

export const downloadRefused = (id: string) => download('GET', `${BASE}/${id}/refused.xlsx`, 'refused.xlsx')

export const isUnderWay = (job: BulkJob) => job.state === 'running' || job.state === 'undoing'
