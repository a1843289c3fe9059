/** Formats of automatic numbers, as the server writes them: see services/customer/model/numbering.py. */
import type { DefinedOptions } from './api'

const PART = /\{([^{}]*)\}/
const COUNTER = /^0{1,12}$/

export type Round = 'never' | 'year' | 'month'

/** The format of a field; one that has a prefix and digits alone, written as a format. */
export const formatOf = ({ format, prefix, digits }: DefinedOptions): string =>
  format ?? `${prefix ?? ''}{${'0'.repeat(digits ?? 6)}}`

/** What stands where in a format: texts at even places, parts at odd ones. */
const partsOf = (format: string) => format.split(PART)
const namedIn = (format: string) => partsOf(format).filter((_, place) => place % 2)

/** When the counter begins anew. */
export function roundOf(format: string): Round {
  const named = namedIn(format)
  if (named.includes('MM')) return 'month'
  return named.includes('YYYY') || named.includes('YY') ? 'year' : 'never'
}

/** A number of this format on a day; undefined while the format is none. */
export function sampleOf(format: string, number: number, day: Date): string | undefined {
  const dates: Record<string, string> = {
    YYYY: String(day.getFullYear()),
    YY: String(day.getFullYear() % 100).padStart(2, '0'),
    MM: String(day.getMonth() + 1).padStart(2, '0'),
  }
  const named = namedIn(format)
  if (named.filter((part) => COUNTER.test(part)).length !== 1) return undefined
  if (!named.every((part) => part in dates || COUNTER.test(part))) return undefined
  if (roundOf(format) === 'month' && !named.includes('YYYY') && !named.includes('YY')) return undefined
  if (partsOf(format).some((text, place) => place % 2 === 0 && /[{}]/.test(text))) return undefined
  const written = (part: string) => dates[part] ?? String(number).padStart(part.length, '0')
  return partsOf(format)
    .map((part, place) => (place % 2 ? written(part) : part))
    .join('')
}
