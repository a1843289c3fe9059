/**
 * Clauses over dates and moments, as half-open intervals: the same way in which the server resolves them. A date is counted
 * in days since 1970, a moment in milliseconds; what is said in days means days of the person's time zone.
 */
import { fromWall, today } from '@/format/times'
import type { Clause } from './model'

export interface Interval {
  from: number
  until: number
}

interface Now {
  now: number
  timezone: string
}

const DAY_MS = 86_400_000
const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS }
const SPAN = /^(\d+)([mhdw])$/
const NEVER: Interval = { from: 0, until: 0 }

/** Whether the wire value of a date or moment lies in the interval. */
export function liesWithin(value: string, { from, until }: Interval): boolean {
  const point = value.length > 10 ? Date.parse(value) : dayNumber(value)
  return point >= from && point < until
}

/** The values of a date (or moment) that satisfy the positive clause. */
export function intervalOf({ op, value }: Clause, isDate: boolean, at: Now): Interval {
  const extent = (one: unknown) => extentOf(String(one), isDate, at)
  switch (op) {
    case 'eq':
      return extent(value)
    case 'lt':
      return { from: -Infinity, until: extent(value).from }
    case 'lte':
      return { from: -Infinity, until: extent(value).until }
    case 'gt':
      return { from: extent(value).until, until: Infinity }
    case 'gte':
      return { from: extent(value).from, until: Infinity }
    case 'between': {
      const [low, high] = value as [unknown, unknown]
      return { from: extent(low).from, until: extent(high).until }
    }
    case 'older_than':
      return { from: -Infinity, until: moved(value, -1, isDate, at).from }
    case 'within_last':
      return { from: moved(value, -1, isDate, at).from, until: moved('0d', 1, isDate, at).until }
    case 'within_next':
      return { from: moved('0d', 1, isDate, at).from, until: moved(value, 1, isDate, at).until }
    default:
      return op === 'on' ? periodOf(String(value), isDate, at) : NEVER
  }
}

/** The instant, or the whole day. */
function extentOf(value: string, isDate: boolean, at: Now): Interval {
  if (value.length > 10) {
    const instant = Date.parse(value)
    return { from: instant, until: instant + 1 }
  }
  return days(dayNumber(value), dayNumber(value) + 1, isDate, at)
}

function days(first: number, after: number, isDate: boolean, at: Now): Interval {
  if (isDate) return { from: first, until: after }
  return { from: midnight(first, at.timezone), until: midnight(after, at.timezone) }
}

/** Now, moved by a length of time: an instant, or for a date a day. */
function moved(span: unknown, sign: number, isDate: boolean, at: Now): Interval {
  const [, count = '0', unit = 'd'] = SPAN.exec(String(span)) ?? []
  const length = sign * Number(count) * (UNITS[unit] ?? DAY_MS)
  if (!isDate) return { from: at.now + length, until: at.now + length + 1 }
  const day = dayNumber(today(at.timezone, at.now)) + Math.floor(length / DAY_MS)
  return { from: day, until: day + 1 }
}

function periodOf(name: string, isDate: boolean, at: Now): Interval {
  const day = dayNumber(today(at.timezone, at.now))
  const period = PERIODS[name]
  return period ? days(...period(day), isDate, at) : NEVER
}

const DAYS =
  (offset: number) =>
  (day: number): [number, number] => [day + offset, day + offset + 1]

/** Weeks begin on Monday; 1970-01-01 was a Thursday. */
const WEEK =
  (offset: number) =>
  (day: number): [number, number] => {
    const monday = day - ((day + 3) % 7) + 7 * offset
    return [monday, monday + 7]
  }

const MONTHS =
  (length: number, offset: number) =>
  (day: number): [number, number] => {
    const date = new Date(day * DAY_MS)
    const month = Math.floor(date.getUTCMonth() / length) * length + length * offset
    const first = (of: number) => Date.UTC(date.getUTCFullYear(), of, 1) / DAY_MS
    return [first(month), first(month + length)]
  }

const PERIODS: Record<string, (day: number) => [number, number]> = {
  today: DAYS(0),
  yesterday: DAYS(-1),
  tomorrow: DAYS(1),
  this_week: WEEK(0),
  last_week: WEEK(-1),
  next_week: WEEK(1),
  this_month: MONTHS(1, 0),
  last_month: MONTHS(1, -1),
  next_month: MONTHS(1, 1),
  this_quarter: MONTHS(3, 0),
  this_year: MONTHS(12, 0),
  last_year: MONTHS(12, -1),
}

const dayNumber = (date: string) => Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / DAY_MS
const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10)
const midnight = (day: number, timezone: string) => Date.parse(fromWall(`${dateOf(day)} 00:00:00`, timezone))
