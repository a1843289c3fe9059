import { describe, expect, it } from 'vitest'
import { formatOf, roundOf, sampleOf } from './numbering'

const DAY = new Date(2026, 2, 9)

describe('formats of automatic numbers', () => {
  it.each([
    ['HT-{YYYY}{MM}-{0000}', 1, 'HT-202603-0001', 'month'],
    ['{0000}/{YY}', 98765, '98765/26', 'year'],
    ['No {000}', 7, 'No 007', 'never'],
  ])('%s is written and counted as the server does', (format, number, written, round) => {
    expect(sampleOf(format, number, DAY)).toBe(written)
    expect(roundOf(format)).toBe(round)
  })

  it.each(['', 'HT', '{00}{00}', '{DD}{000}', '{000', '{MM}-{000}', '{{000}}'])('%s has no example', (format) => {
    expect(sampleOf(format, 1, DAY)).toBeUndefined()
  })

  it('a prefix with digits is a format as well', () => {
    expect(formatOf({ prefix: 'EQ-', digits: 5 })).toBe('EQ-{00000}')
    expect(formatOf({ prefix: 'EQ-', digits: 5, format: 'A{00}' })).toBe('A{00}')
  })
})
