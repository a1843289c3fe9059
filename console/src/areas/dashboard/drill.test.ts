import { describe, expect, it } from 'vitest'
import { criteriaOf } from './drill'
import { chartData } from './series'

const BASE = { field: 'status', op: 'eq', value: 'new' } as never

describe('from a chart to its records', () => {
  it('adds the chosen group to the criteria of the widget', () => {
    const query = { object: 'lead', dimensions: [{ field: 'region' }], criteria: BASE }
    expect(criteriaOf(query, 'east')).toEqual({ all: [BASE, { field: 'region', op: 'eq', value: 'east' }] })
  })

  it('asks for what has no value by asking for nothing', () => {
    expect(criteriaOf({ object: 'lead', dimensions: [{ field: 'region' }] }, null)).toEqual({ field: 'region', op: 'is_empty' })
  })

  it('keeps to the criteria of the widget where a group is a stretch of time', () => {
    const query = { object: 'lead', dimensions: [{ field: 'created_at', bucket: 'month' }], criteria: BASE }
    expect(criteriaOf(query, '2026-01-01')).toEqual(BASE)
  })
})

describe('answers for a chart', () => {
  it('names groups without a value', () => {
    const answer = {
      columns: [{ kind: 'measure', label: 'n', type: 'integer', field: null }] as never,
      rows: [{ keys: [null], labels: [''], values: ['3'] }],
      truncated: false,
    }
    expect(chartData(answer, 'none').points).toEqual([{ key: null, label: 'none', values: ['3'] }])
  })
})
