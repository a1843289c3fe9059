/** Days of a calendar as texts (`2026-03-31`), free of time zones; weeks begin on Monday. */

const DAY_MS = 86_400_000

export const SPANS = ['month', 'week'] as const
export type Span = (typeof SPANS)[number]

const asDate = (day: string) => new Date(`${day}T00:00:00Z`)

export const addDays = (day: string, count: number) =>
  new Date(asDate(day).getTime() + count * DAY_MS).toISOString().slice(0, 10)

export const daysBetween = (first: string, last: string) =>
  Math.round((asDate(last).getTime() - asDate(first).getTime()) / DAY_MS)

const mondayOf = (day: string) => addDays(day, -((asDate(day).getUTCDay() + 6) % 7))

/** The days that are shown around one: its week, or the whole weeks of its month. */
export function daysAround(day: string, span: Span): string[] {
  if (span === 'week') return row(mondayOf(day), 7)
  const first = `${day.slice(0, 7)}-01`
  const start = mondayOf(first)
  const last = addDays(addMonths(first, 1), -1)
  return row(start, Math.ceil((daysBetween(start, last) + 1) / 7) * 7)
}

export const inWeeks = (days: string[]) =>
  Array.from({ length: Math.ceil(days.length / 7) }, (_, place) => days.slice(place * 7, place * 7 + 7))

const row = (first: string, count: number) => Array.from({ length: count }, (_, place) => addDays(first, place))

/** The same day of another month, or that month's last one. */
export function addMonths(day: string, count: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(year, month - 1 + count + 1, 0))
  return new Date(Date.UTC(year, month - 1 + count, Math.min(date, last.getUTCDate()))).toISOString().slice(0, 10)
}

export const stepFrom = (day: string, span: Span, step: number) =>
  span === 'week' ? addDays(day, 7 * step) : addMonths(day, step)

/** The day on which a moment falls in a time zone; a day stays itself. */
export function dayOf(value: string, timezone: string): string {
  if (value.length === 10) return value
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return parts.format(new Date(value))
}

/** A day or a moment so many days later; a moment keeps its time of day in UTC. */
export function shifted(value: string, days: number): string {
  if (value.length === 10) return addDays(value, days)
  return new Date(new Date(value).getTime() + days * DAY_MS).toISOString()
}
