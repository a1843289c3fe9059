import { describe, expect, it } from 'vitest'
import { readSpans, spanText } from './spans'

describe('working hours in one line', () => {
  it('are read as people write them, in Chinese marks too, and written back', () => {
    expect(readSpans('9:00-12:00，13：30–18:00')).toEqual([
      ['09:00', '12:00'],
      ['13:30', '18:00'],
    ])
    expect(spanText(readSpans(' 22:00 至 06:00 ') ?? [])).toBe('22:00-06:00')
  })

  it('are none on a day off, and null when they cannot be read', () => {
    expect(readSpans(' ')).toEqual([])
    expect(readSpans('morning')).toBeNull()
    expect(readSpans('09:00-12:00, 13:00')).toBeNull()
  })
})
