/** From a part of a chart to the records behind it: the widget's own criteria and the group that was chosen. */
import type { Criteria } from '@/criteria/model'
import type { WidgetQuery } from './api'

/** Criteria for one group, or null when a group cannot be asked for in a list (a stretch of time). */
export function criteriaOf(query: WidgetQuery, key: string | number | boolean | null | undefined): Criteria | null {
  const dimension = query.dimensions?.[0]
  const field = query.field ?? dimension?.field
  if (!field || key === undefined || dimension?.bucket) return query.criteria ?? null
  const group = (key === null ? { field, op: 'is_empty' } : { field, op: 'eq', value: key }) as Criteria
  return query.criteria ? ({ all: [query.criteria, group] } as Criteria) : group
}
