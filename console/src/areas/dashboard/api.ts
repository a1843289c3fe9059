/** Boards and their answers, as the report service gives them. */
import { http } from '@/api/http'
import type { ProblemBody } from '@/api/problem'
import type { Page, Text } from '@/api/types'
import type { Criteria } from '@/criteria/model'

const BOARDS = '/api/report/v1/dashboards'

export type WidgetKind = 'kpi' | 'bar' | 'line' | 'pie' | 'funnel' | 'table'

export interface WidgetQuery {
  object: string
  /** Of a funnel: the choice field whose choices are the stages. */
  field?: string
  dimensions?: { field: string; bucket?: string }[]
  criteria?: Criteria | null
}

export interface Widget {
  key: string
  kind: WidgetKind
  title: Text
  query: WidgetQuery
  layout: { x: number; y: number; w: number; h: number }
}

export interface Board {
  id: string
  key: string | null
  name: Text
  description: Text | null
  widgets: Widget[]
}

export interface Column {
  kind: 'dimension' | 'measure'
  label: string
  type: string
  field: string | null
  bucket?: string | null
  currency?: string | null
  op?: string
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

export const fetchAnswers = (id: string) => http.get<BoardAnswer>(`${BOARDS}/${id}/data`)
