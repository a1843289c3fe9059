/** From a stage of a funnel to its records; cells of other answers are asked for. */
import type { Criteria } from '@/criteria/model'
import type { WidgetQuery } from './api'

/** Criteria for one stage among those that are shown, or for the whole funnel. */
export function criteriaOf(query: WidgetQuery, shown: string[], stage?: string): Criteria | null {
  const from = stage === undefined ? 0 : shown.indexOf(stage)
  const wanted = stage !== undefined && !query.cumulative ? [stage] : shown.slice(from)
  const group = { field: query.field, op: 'in', value: wanted } as Criteria
  return query.criteria ? ({ all: [query.criteria, group] } as Criteria) : group
}
