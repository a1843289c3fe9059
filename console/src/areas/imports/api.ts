/** Imports of sheets, as the customer service runs them. */
import { download, http, newIdempotencyKey } from '@/api/http'
import type { Page } from '@/api/types'
import type { UploadServer } from './uploads'

const IMPORTS = '/api/customer/v1/imports'

export type ImportState =
  'uploaded' | 'checking' | 'checked' | 'importing' | 'finished' | 'failed' | 'cancelled' | 'undoing' | 'undone'
export type Duplicates = 'skip' | 'update' | 'update_only' | 'create'
export type Outcome = 'create' | 'update' | 'skip' | 'failed'
export type FileKind = 'xlsx' | 'csv'
export type Mapping = Record<string, string | null>

export interface Column {
  index: number
  header: string
  samples: string[]
  suggestion: string | null
}

export interface CellError {
  column: string | null
  field: string | null
  code: string
  detail: string
}

export interface PreviewRow {
  row: number
  action: Outcome
  values: Record<string, unknown>
  labels?: Record<string, string>
  errors?: CellError[]
}

export interface WrongRow {
  row: number
  errors: CellError[]
}

/** A record that undoing has left alone. */
export interface KeptRecord {
  row: number
  object: string
  id: string
  code: string
  detail: string
}

/** An object whose records a row may bring along; its field `link` follows by itself. */
export interface Related {
  object: string
  link: string
}

export type Summary = Record<'rows' | 'empty' | Outcome, number>

/** An import in a list. */
export interface ImportBrief {
  id: string
  object: string
  state: ImportState
  filename: string
  sheet: string | null
  row_count: number
  empty_rows: number
  duplicates: Duplicates
  match_by: string[] | null
  /** What says which record a row means instead of the duplicate rules: `id`, or a field. */
  key: string | null
  run_rules: boolean
  /** Whether records that are merely alike are looked for afterwards. */
  look_alike: boolean
  /** The pool that new records without an owner go into. */
  pool_id: string | null
  started_by: string | null
  progress: { done: number; total: number }
  summary: Summary | null
  undo: { deleted: number; restored: number; kept: number } | null
  can_undo: boolean
  problem: { code: string; title: string; detail: string } | null
  files_removed: boolean
  created_at: string
  started_at: string | null
  finished_at: string | null
}

/** An import with its columns, mapping and preview. */
export interface ImportRun extends ImportBrief {
  columns: Column[]
  mapping: Record<string, string>
  preview: PreviewRow[]
  header_row: number
  /** How many of its records the search does not find yet. */
  search_waiting: number
  related: Related[]
  keys: string[]
}

export interface ImportChoices {
  mapping: Mapping
  duplicates: Duplicates
  match_by: string[] | null
  /** What says which record a row means instead of the duplicate rules: `id`, or a field. */
  key: string | null
  run_rules: boolean
  look_alike: boolean
  pool_id: string | null
}

export const fetchImports = (cursor?: string) => http.get<Page<ImportBrief>>(IMPORTS, { query: { limit: 30, cursor } })

export const fetchImport = (id: string) => http.get<ImportRun>(`${IMPORTS}/${id}`)

/** An upload in pieces: the next one begins at `received`. */
export interface LargeUpload {
  id: string
  size: number
  received: number
  piece: number
}

const UPLOADS = `${IMPORTS}/uploads`

export const largeUploads: UploadServer = {
  begin: (object, file) => http.post<LargeUpload>(UPLOADS, { object, filename: file.name, size: file.size }),
  look: (id) => http.get<LargeUpload>(`${UPLOADS}/${id}`, { lasting: true }),
  send: (id, offset, piece) => http.put<LargeUpload>(`${UPLOADS}/${id}`, piece, { query: { offset } }),
  finish: (id) => http.post<ImportRun>(`${UPLOADS}/${id}/finish`),
}

export function uploadSheet(object: string, file: File): Promise<ImportRun> {
  const form = new FormData()
  form.append('object', object)
  form.append('file', file)
  return http.post<ImportRun>(IMPORTS, form, { idempotencyKey: newIdempotencyKey() })
}

export const configureImport = (id: string, choices: ImportChoices) =>
  http.patch<ImportRun>(`${IMPORTS}/${id}`, choices)

export const checkImport = (id: string) => http.post<ImportRun>(`${IMPORTS}/${id}/check`)

export const startImport = (id: string) => http.post<ImportRun>(`${IMPORTS}/${id}/start`)

export const cancelImport = (id: string) => http.delete(`${IMPORTS}/${id}`)

export const undoImport = (id: string) => http.post<ImportRun>(`${IMPORTS}/${id}/undo`)

export const fetchKept = (id: string, cursor?: string) =>
  http.get<Page<KeptRecord>>(`${IMPORTS}/${id}/kept`, { query: { limit: 50, cursor } })

export const fetchWrongRows = (id: string, cursor?: string) =>
  http.get<Page<WrongRow>>(`${IMPORTS}/${id}/errors`, { query: { limit: 50, cursor } })

export const downloadWrongRows = (id: string, kind: FileKind) =>
  download('GET', `${IMPORTS}/${id}/errors.${kind}`, `rows.${kind}`)

export const downloadTemplate = (object: string, format: FileKind) =>
  download('GET', `${IMPORTS}/template`, `${object}.${format}`, { query: { object, format } })
