import { describe, expect, it } from 'vitest'
import { criteriaOf } from './drill'
import { chartData } from './series'

const BASE = { field: 'region', op: 'eq', value: 'east' } as never
const STAGES = ['new', 'working', 'won']

describe('from a funnel to its records', () => {
  it('adds the chosen stage to the criteria of the widget', () => {
    const query = { object: 'lead', field: 'status', criteria: BASE }
    expect(criteriaOf(query, STAGES, 'working')).toEqual({
      all: [BASE, { field: 'status', op: 'in', value: ['working'] }],
    })
  })

  it('counts what stands further on where stages add up', () => {
    const query = { object: 'lead', field: 'status', cumulative: true }
    expect(criteriaOf(query, STAGES, 'working')).toEqual({ field: 'status', op: 'in', value: ['working', 'won'] })
  })
})

describe('answers for a chart', () => {
  it('names groups without a value', () => {
    const answer = {
      columns: [{ kind: 'measure', label: 'n', type: 'integer', field: null }] as never,
      rows: [{ keys: [null], labels: [''], values: ['3'] }],
      truncated: false,
    }
    expect(chartData(answer, 'none').points).toMatchObject([{ keys: [null], label: 'none', values: ['3'] }])
  })
})
