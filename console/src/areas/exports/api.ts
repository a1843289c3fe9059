/** Exports in the background, as the customer service writes them. */
import { download, http } from '@/api/http'
import type { Page } from '@/api/types'

const EXPORTS = '/api/customer/v1/exports'

export type ExportState = 'writing' | 'finished' | 'failed' | 'cancelled' | 'expired'

export interface ExportRun {
  id: string
  object: string
  state: ExportState
  format: 'csv' | 'xlsx'
  for_import: boolean
  filename: string
  size: number | null
  progress: { done: number; total: number }
  problem: { code: string; title: string; detail: string } | null
  created_at: string
  finished_at: string | null
  expires_at: string | null
}

export const fetchExports = (cursor?: string) => http.get<Page<ExportRun>>(EXPORTS, { query: { limit: 30, cursor } })

export const stopExport = (id: string) => http.delete(`${EXPORTS}/${id}`)

export const downloadExport = (run: ExportRun) => download('GET', `${EXPORTS}/${run.id}/file`, run.filename)
