/** Dates and times in the person's time zone, exact and relative, and the way from wall clock to UTC and back. */

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

const UNITS: [Intl.RelativeTimeFormatUnit, number, number][] = [
  ['minute', MINUTE, HOUR],
  ['hour', HOUR, DAY],
  ['day', DAY, 7 * DAY],
]

/** `2026-11-22 13:04` in the language's habit, for the given zone. */
export function formatDateTime(iso: string, locale: string, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone,
    year: 'numeric',
    month: locale === 'en' ? 'short' : '2-digit',
    day: locale === 'en' ? 'numeric' : '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(new Date(iso))
}

/** A calendar date without a time; it has no zone and never moves. */
export function formatDate(date: string, locale: string): string {
  const [year, month, day] = date.slice(0, 10).split('-').map(Number)
  return new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    year: 'numeric',
    month: locale === 'en' ? 'short' : '2-digit',
    day: locale === 'en' ? 'numeric' : '2-digit',
  }).format(Date.UTC(year as number, (month as number) - 1, day))
}

/** `3 hours ago`, `in 2 days`; further than a week away the date itself. */
export function formatRelative(iso: string, locale: string, timeZone: string, now = Date.now(), justNow = ''): string {
  const seconds = Math.round((new Date(iso).getTime() - now) / 1000)
  const size = Math.abs(seconds)
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  if (size < 45) return justNow || words.format(0, 'second')
  for (const [unit, length, limit] of UNITS) {
    if (size < limit) return words.format(Math.round(seconds / length), unit)
  }
  return shortDate(iso, locale, timeZone, now)
}

function shortDate(iso: string, locale: string, timeZone: string, now: number): string {
  const year = (value: number | string) =>
    new Intl.DateTimeFormat('en', { timeZone, year: 'numeric' }).format(new Date(value))
  const sameYear = year(iso) === year(now)
  return new Intl.DateTimeFormat(locale, {
    timeZone,
    month: 'short',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(new Date(iso))
}

/** UTC instant → wall clock `YYYY-MM-DD HH:mm:ss` in a zone. */
export function toWall(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(new Date(iso))
}

/** Wall clock in a zone → RFC 3339 UTC. In the hour that a clock skips or repeats, the earlier reading counts. */
export function fromWall(wall: string, timeZone: string): string {
  const guess = Date.parse(`${wall.replace(' ', 'T')}Z`)
  let instant = guess - offsetAt(guess, timeZone)
  instant = guess - offsetAt(instant, timeZone)
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}

function offsetAt(instant: number, timeZone: string): number {
  const wall = toWall(new Date(instant).toISOString(), timeZone)
  return Date.parse(`${wall.replace(' ', 'T')}Z`) - Math.floor(instant / 1000) * 1000
}

/** Today's date `YYYY-MM-DD` in a zone. */
export function today(timeZone: string, now = Date.now()): string {
  return toWall(new Date(now).toISOString(), timeZone).slice(0, 10)
}
