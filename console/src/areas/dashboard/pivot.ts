/** An answer with two groups or more as a cross table: the last group lies across, the others stand down the side. */
import { sumOfDecimals } from '@/criteria/decimals'
import type { Column } from './api'
import type { ChartData, Point } from './series'

interface Side {
  key: string
  label: string
}

export interface Pivot {
  /** What lies across. */
  heads: Side[]
  rows: (Side & { cells: (Point | undefined)[]; total: string | null })[]
  /** Of each column, and of everything; null where numbers must not be added. */
  totals: (string | null)[]
  total: string | null
  adds: boolean
}

const ADDED = ['count', 'sum']

/** The cross table of the first measure. Groups of the same name are not the same: their keys tell them apart.
    Where groups are missing there are no totals, because they would be wrong. */
export function pivotOf({ measures, points, timed, truncated }: ChartData): Pivot {
  const adds = isAdded(measures[0]) && !truncated
  const heads = timed ? inTime(points) : distinct(points, headOf)
  const sides = distinct(points, sideOf)
  const found = new Map(points.map((point) => [sideOf(point).key + headOf(point).key, point]))
  const sum = (some: (Point | undefined)[]) => (adds ? total(some) : null)
  const rows = sides.map((side) => {
    const cells = heads.map((head) => found.get(side.key + head.key))
    return { ...side, cells, total: sum(cells) }
  })
  const totals = heads.map((_, at) => sum(rows.map(({ cells }) => cells[at])))
  return { heads, rows, totals, total: sum(points), adds }
}

const headOf = ({ keys, labels }: Point): Side => ({ key: JSON.stringify(keys.slice(-1)), label: labels.at(-1) ?? '' })
const sideOf = ({ keys, labels }: Point): Side => ({
  key: JSON.stringify(keys.slice(0, -1)),
  label: labels.slice(0, -1).join(' · '),
})
const isAdded = (measure: Column | undefined) => ADDED.includes(measure?.op ?? '') && !measure?.running

/** Heads from the past to the future; what has no time stands last. */
function inTime(points: Point[]): Side[] {
  const at = ({ keys }: Point) => String(keys.at(-1) ?? '￿')
  return distinct(
    [...points].sort((one, other) => (at(one) < at(other) ? -1 : 1)),
    headOf,
  )
}

function distinct(points: Point[], read: (point: Point) => Side): Side[] {
  return [...new Map(points.map(read).map((side) => [side.key, side])).values()]
}

/** An unknown number makes a sum unknown. */
function total(points: (Point | undefined)[]): string | null {
  const values = points.filter((point) => point !== undefined).map((point) => point.values[0] ?? null)
  return values.includes(null) ? null : sumOfDecimals(values as string[])
}
