/** Boards and their answers, as the report service gives them. */
import { http } from '@/api/http'
import type { ProblemBody } from '@/api/problem'
import type { Page, Text } from '@/api/types'
import type { Criteria } from '@/criteria/model'

const BOARDS = '/api/report/v1/dashboards'

export type WidgetKind = 'kpi' | 'gauge' | 'bar' | 'line' | 'pie' | 'funnel' | 'table' | 'pivot'

export interface Measure {
  op: string
  field?: string
  criteria?: Criteria | null
  currency?: 'base'
  compare?: 'previous' | 'year'
  running?: boolean
  part?: Measure
  whole?: Measure
  label?: Text
}

export interface Dimension {
  field: string
  bucket?: string
  empty?: boolean
}

export interface WidgetQuery {
  object: string
  measures?: Measure[]
  /** Of a funnel: each stage counts all behind it as well. */
  cumulative?: boolean
  stages?: string[]
  /** Of a funnel: the choice field whose choices are the stages. */
  field?: string
  dimensions?: Dimension[]
  period?: { field: string; is: string }
  criteria?: Criteria | null
}

export interface Widget {
  key: string
  kind: WidgetKind
  title: Text
  query: WidgetQuery
  layout: Place
  options?: Record<string, unknown>
}

export interface Place {
  x: number
  y: number
  w: number
  h: number
}

export interface BoardBody {
  name: Text
  description: Text | null
  visibility: 'private' | 'roles' | 'everybody'
  role_keys: string[]
  widgets: Widget[]
}

export interface Board extends BoardBody {
  id: string
  key: string | null
  version: number
  editable: boolean
}

export interface Column {
  kind: 'dimension' | 'measure'
  label: string
  type: string
  field: string | null
  bucket?: string | null
  currency?: string | null
  op?: string
  /** Of a measure: its place in the question. */
  measure?: number
  running?: boolean
  compare?: 'previous' | 'year'
}

/** One group; where periods are compared: what was before, and by which part (a rate: how many points) that changed. */
export interface Row {
  keys: (string | number | boolean | null)[]
  labels: string[]
  values: (string | null)[]
  before?: (string | null)[]
  change?: (string | null)[]
  unfinished?: boolean
}

export interface Answer {
  columns: Column[]
  rows: Row[]
  truncated: boolean
}

export interface FunnelAnswer {
  label: string
  stages: { key: string; label: string; count: number; share: string | null; conversion: string | null }[]
  total: number
}

export interface WidgetAnswer {
  key: string
  kind: WidgetKind
  data?: Answer | FunnelAnswer
  error?: ProblemBody
}

export interface BoardAnswer {
  as_of: string | null
  widgets: WidgetAnswer[]
}

export const fetchBoards = async () => (await http.get<Page<Board>>(BOARDS, { query: { limit: 100 } })).items

/** The records that a cell of an answer has counted; without a measure those of its group. */
export const fetchCell = (query: WidgetQuery, keys: Row['keys'], measure?: number, currency?: string | null) =>
  http.post<{ object: string; criteria: Criteria }>('/api/report/v1/drill', {
    query,
    keys,
    measure,
    currency: currency ?? undefined,
  })

/** The answer to a question that stands on no board yet. */
export const askWidget = (kind: WidgetKind, query: WidgetQuery) =>
  http.post<Answer | FunnelAnswer>(`/api/report/v1/${kind === 'funnel' ? 'funnel' : 'query'}`, query)

export const createBoard = (body: BoardBody) => http.post<Board>(BOARDS, body)

export const changeBoard = (id: string, body: Partial<BoardBody>, version: number) =>
  http.patch<Board>(`${BOARDS}/${id}`, body, { ifMatch: version })

export const deleteBoard = (id: string, version: number) => http.delete(`${BOARDS}/${id}`, { ifMatch: version })

export const fetchAnswers = (id: string) => http.get<BoardAnswer>(`${BOARDS}/${id}/data`)
