import { describe, expect, it } from 'vitest'
import { compact } from './numbers'

const NUMBERS = [0, 1, -7, 12.34, 999, 1000, 1250, 9999, 10_000, 123_456, 999_990, 1e6, 12_345_678, 3.2e9, -4.5e6, 1e12]

describe('compact numbers of an axis', () => {
  it.each(['en', 'zh-CN'])('are those of the browser in %s', (locale) => {
    const browser = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1, useGrouping: false })
    expect(NUMBERS.map((one) => compact(one, locale))).toEqual(NUMBERS.map((one) => browser.format(one)))
  })
})
