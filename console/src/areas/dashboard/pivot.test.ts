import { describe, expect, it } from 'vitest'
import type { Column } from './api'
import { pivotOf } from './pivot'
import type { Point } from './series'

const measure = (op: string) => ({ kind: 'measure', op, label: 'Amount', type: 'money', field: 'amount' }) as Column
const point = (labels: string[], value: string | null): Point => ({
  keys: labels,
  labels,
  label: labels.join(' · '),
  values: [value],
})
const points = [
  point(['East', '2026-01'], '0.10'),
  point(['East', '2026-02'], '0.20'),
  point(['North', '2026-02'], '-1.30'),
]

describe('a cross table', () => {
  it('has a row for each side, a column for each head and exact totals', () => {
    const found = pivotOf({ measures: [measure('sum')], points })
    expect(found.heads.map(({ label }) => label)).toEqual(['2026-01', '2026-02'])
    expect(found.rows.map(({ label, cells, total }) => [label, cells.map((one) => one?.values[0]), total])).toEqual([
      ['East', ['0.10', '0.20'], '0.30'],
      ['North', [undefined, '-1.30'], '-1.30'],
    ])
    expect([found.totals, found.total]).toEqual([['0.10', '-1.10'], '-1.00'])
  })

  it('adds nothing that must not be added, and knows no sum with an unknown number', () => {
    expect(pivotOf({ measures: [measure('avg')], points }).total).toBeNull()
    const unknown = pivotOf({ measures: [measure('sum')], points: [...points, point(['North', '2026-01'], null)] })
    expect([unknown.rows[0]?.total, unknown.rows[1]?.total, unknown.total]).toEqual(['0.30', null, null])
  })

  it('has no totals when groups are missing', () => {
    const found = pivotOf({ measures: [measure('sum')], points, truncated: true })
    expect([found.adds, found.rows[0]?.total, found.total]).toEqual([false, null, null])
  })

  it('keeps people of one name apart', () => {
    const two = [point(['a', '2026'], '1'), point(['b', '2026'], '2')].map((one) => ({
      ...one,
      labels: ['王芳', '2026'],
    }))
    expect(
      pivotOf({ measures: [measure('count')], points: two }).rows.map(({ label, total }) => [label, total]),
    ).toEqual([
      ['王芳', '1'],
      ['王芳', '2'],
    ])
  })

  it('joins what stands down the side', () => {
    const found = pivotOf({ measures: [measure('count')], points: [point(['East', 'Web', '2026'], '3')] })
    expect(found.rows[0]?.label).toBe('East · Web')
  })

  it('lets time run to the right', () => {
    const mixed = [point(['East', '2026-09'], '1'), point(['East', '2026-02'], '2')]
    const heads = (timed: boolean) =>
      pivotOf({ measures: [measure('sum')], points: mixed, timed }).heads.map(({ label }) => label)
    expect([heads(false), heads(true)]).toEqual([
      ['2026-09', '2026-02'],
      ['2026-02', '2026-09'],
    ])
  })
})
