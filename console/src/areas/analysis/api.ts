/** Analyses and what they say, as the report service gives them. */
import { http } from '@/api/http'
import type { Page, Text } from '@/api/types'
import type { Criteria } from '@/criteria/model'

const ANALYSES = '/api/report/v1/analyses'

export type Kind = 'value' | 'win' | 'forecast' | 'basket'
export const KINDS: Kind[] = ['value', 'win', 'forecast', 'basket']

export interface Mapping {
  object: string
  criteria?: Criteria | null
  months?: number
  [member: string]: unknown
}

export interface Sums {
  expected: number
  actual: number
  error: number | null
}

export interface ValueCheck {
  from: string
  to: string
  customers: number
  purchases: Sums
  amount: Sums | null
  by_times: (Sums & { again: number; more: boolean; customers: number })[]
  by_alive: { from: number; to: number; customers: number; bought: number }[]
}

export interface WinCheck {
  from: string
  deals: number
  won: number
  auc: number | null
  brier: number
  brier_without: number
  bins: { from: number; to: number; deals: number; expected: number; won: number }[]
}

export interface Card {
  check?: unknown
  sample?: number
  too_little?: Record<string, number>
}

export interface Model {
  number: number
  state: 'ready' | 'too_little' | 'misfit' | 'failed' | 'training'
  trained_at: string
  seconds: number
  scored: number | null
  card: Card | null
  parameters: Record<string, unknown> | null
  currency: string | null
  months: number | null
  words: string[]
  problems: { pointer: string; code: string; detail: string }[]
}

export interface AnalysisBody {
  name: Text
  kind: Kind
  mapping: Mapping
  every: 'day' | 'week' | 'month'
  enabled: boolean
}

export interface Analysis extends AnalysisBody {
  id: string
  key: string | null
  next_at: string
  version: number
  editable: boolean
  readable: boolean
  model: Model | null
}

export interface Score {
  id: string
  title: string | null
  owner_id: string | null
  chance: number | null
  amount: number | null
  due_on: string | null
  words: string[]
}

export interface ScoreQuery {
  sort: string
  mine: boolean
  least?: number
  most?: number
}

const one = (id: string) => `${ANALYSES}/${encodeURIComponent(id)}`

export const fetchAnalyses = async () => (await http.get<Page<Analysis>>(ANALYSES)).items

export const fetchAnalysis = (id: string) => http.get<Analysis>(one(id))

export const createAnalysis = (body: AnalysisBody) => http.post<Analysis>(ANALYSES, body)

export const changeAnalysis = (id: string, body: Partial<AnalysisBody>, version: number) =>
  http.patch<Analysis>(one(id), body, { ifMatch: version })

export const deleteAnalysis = (id: string, version: number) => http.delete(one(id), { ifMatch: version })

export const trainAnalysis = (id: string) => http.post<{ job_id: string }>(`${one(id)}/train`, {})

export const fetchScores = (id: string, query: ScoreQuery, cursor?: string) =>
  http.get<Page<Score>>(`${one(id)}/scores`, {
    query: { ...query, mine: query.mine ? 'true' : undefined, cursor, limit: 30 },
  })

export const fetchRecordScores = async (object: string, id: string) =>
  (
    await http.get<{ items: { analysis: Analysis; score: Score }[] }>(
      `/api/report/v1/record-scores/${encodeURIComponent(object)}/${encodeURIComponent(id)}`,
    )
  ).items

export interface ForecastResult {
  currency: string | null
  past: { month: string; actual: number }[]
  months: { month: string; expected: number; low: number; high: number }[]
  check: { month: string; expected: number; actual: number }[]
  words: string[]
}

export interface BasketResult {
  baskets: number
  pairs: {
    first: string
    second: string
    first_title: string
    second_title: string
    together: number
    support: number
    confidence: number
    lift: number
    words: string[]
  }[]
  words: string[]
}

/** What is worked out when one asks, from the records that one may see. */
export const fetchResult = <T>(id: string) => http.get<T>(`${one(id)}/result`)
