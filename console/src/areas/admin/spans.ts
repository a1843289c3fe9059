/** Working hours of a day as one line of text: `09:00-12:00, 13:30-18:00`; nothing is a day off. */
import type { Span } from './api/calendars'

const PAIR = /^(\d{1,2})[:：](\d{2})\s*[-–—~至]\s*(\d{1,2})[:：](\d{2})$/

export const spanText = (spans: Span[]) => spans.map(([from, to]) => `${from}-${to}`).join(', ')

/** The spans of a line, or null when it cannot be read. */
export function readSpans(line: string): Span[] | null {
  const found = line
    .split(/[,，;；、]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part): Span | null => {
      const [, h1 = '', m1, h2 = '', m2] = PAIR.exec(part) ?? []
      return m1 && m2 ? [`${h1.padStart(2, '0')}:${m1}`, `${h2.padStart(2, '0')}:${m2}`] : null
    })
  return found.includes(null) ? null : (found as Span[])
}
