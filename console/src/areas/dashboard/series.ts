/** Answers made ready for a chart: one series per measure, one point per group. */
import type { Answer, Column, Row } from './api'

export interface Point {
  /** Of all dimensions of the group, or the stage. */
  keys: Row['keys']
  /** Of each of them. */
  labels: string[]
  label: string
  values: (string | null)[]
  before?: (string | null)[]
  change?: (string | null)[]
  unfinished?: boolean
}

export interface ChartData {
  measures: Column[]
  points: Point[]
  /** Whether the last group is a stretch of time. */
  timed?: boolean
  /** Whether there are more groups than these. */
  truncated?: boolean
}

export function chartData(answer: Answer, nothing: string): ChartData {
  const measures = answer.columns.filter((column) => column.kind === 'measure')
  const points = answer.rows.map((row) => ({
    keys: row.keys,
    labels: row.labels,
    label: row.labels.join(' · ') || nothing,
    values: row.values,
    before: row.before,
    change: row.change,
    unfinished: row.unfinished,
  }))
  const last = answer.columns.filter((column) => column.kind === 'dimension').at(-1)
  return { measures, points, timed: !!last?.bucket, truncated: answer.truncated }
}

/** Pixels need a number; texts on the screen are made from the exact string. */
export function heightOf(value: string | null | undefined): number {
  return value ? Number(value) : 0
}
