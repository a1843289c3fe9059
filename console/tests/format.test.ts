import { describe, expect, it } from 'vitest'
import { hueOf, initialsOf } from '@/format/names'
import { formatPhone } from '@/format/phones'
import { formatDecimal, formatMoney, parseDecimal } from '@/format/numbers'
import { formatDate, formatRelative, fromWall, toWall, today } from '@/format/times'

const SHANGHAI = 'Asia/Shanghai'

describe('numbers', () => {
  it('group money by locale and keep its digits', () => {
    expect(formatMoney({ amount: '100000.00', currency: 'CNY' }, 'en')).toBe('¥100,000.00')
    expect(formatMoney({ amount: '100000.00', currency: 'CNY' }, 'en', true)).toBe('¥100,000')
    expect(formatMoney({ amount: '1', currency: '???' }, 'en')).toBe('1 ???')
  })

  it('tell the company’s currency from others by their signs', () => {
    const signs = (locale: string, own: string) =>
      ['CNY', 'USD', 'JPY'].map((currency) => formatMoney({ amount: '5', currency }, locale, true, own))
    expect(signs('zh-CN', 'CNY')).toEqual(['¥5', 'US$5', 'JP¥5'])
    expect(signs('en', 'CNY')).toEqual(['¥5', '$5', 'JPY\u00a05'])
    expect(signs('en', 'USD')).toEqual(['CN¥5', '$5', '¥5'])
  })

  it('do not lose the digits of long decimals', () => {
    expect(formatDecimal('12345678901234567.89', 'en', 2)).toBe('12,345,678,901,234,567.89')
  })

  it('are understood as people type them', () => {
    expect(parseDecimal(' 1,000.50 ')).toBe('1000.50')
    expect(parseDecimal('１２３')).toBe('123')
    expect(parseDecimal('.5')).toBe('0.5')
    expect(parseDecimal('-3')).toBe('-3')
  })

  it('refuse what is no number', () => {
    for (const text of ['', 'abc', '1.2.3', '1e5', '--1', '=1+1']) expect(parseDecimal(text)).toBeNull()
  })
})

describe('times', () => {
  it('go from wall clock to UTC and back in the person’s zone', () => {
    expect(toWall('2026-11-22T04:00:00Z', SHANGHAI)).toBe('2026-11-22 12:00:00')
    expect(fromWall('2026-11-22 12:00:00', SHANGHAI)).toBe('2026-11-22T04:00:00Z')
  })

  it('hold across the change of daylight saving', () => {
    for (const wall of ['2026-03-28 12:00:00', '2026-03-29 12:00:00', '2026-10-25 12:00:00', '2026-07-01 00:30:00']) {
      expect(toWall(fromWall(wall, 'Europe/Berlin'), 'Europe/Berlin')).toBe(wall)
    }
  })

  it('keep a calendar date whatever the zone of the machine', () => {
    expect(formatDate('2026-01-01', 'en')).toBe('Jan 1, 2026')
    expect(formatDate('2026-01-01', 'zh-CN')).toBe('2026/01/01')
  })

  it('say how long ago, and the date when that is more than a week', () => {
    const now = Date.parse('2026-11-22T12:00:00Z')
    expect(formatRelative('2026-11-22T11:57:00Z', 'en', SHANGHAI, now)).toBe('3 minutes ago')
    expect(formatRelative('2026-11-24T12:00:00Z', 'zh-CN', SHANGHAI, now)).toBe('后天')
    expect(formatRelative('2026-11-01T12:00:00Z', 'en', SHANGHAI, now)).toBe('Nov 1')
    expect(formatRelative('2025-11-01T12:00:00Z', 'en', SHANGHAI, now)).toBe('Nov 1, 2025')
  })

  it('know that it is tomorrow already in the east', () => {
    expect(today(SHANGHAI, Date.parse('2026-11-22T17:00:00Z'))).toBe('2026-11-23')
  })
})

describe('phones', () => {
  it('are grouped as people at home read them, and left alone otherwise', () => {
    expect(formatPhone('+8613812345678', 'zh-CN')).toBe('138 1234 5678')
    expect(formatPhone('+862154321098', 'en')).toBe('021-54321098')
    expect(formatPhone('+4930123456', 'en')).toBe('+4930123456')
  })

  it('say the extension in the language of who reads it', () => {
    expect(formatPhone('+13125550130;ext=430', 'en')).toBe('+13125550130 ext. 430')
    expect(formatPhone('+13125550130;ext=430', 'zh-CN')).toBe('+13125550130 转 430')
    expect(formatPhone('+862154321098;ext=8', 'zh-CN')).toBe('021-54321098 转 8')
  })
})

describe('names', () => {
  it('give initials in any script', () => {
    expect(initialsOf('王芳')).toBe('芳')
    expect(initialsOf('Anna Maria Keller')).toBe('AK')
    expect(initialsOf('系统管理员')).toBe('系')
    expect(initialsOf('admin')).toBe('A')
    expect(initialsOf('  ')).toBe('?')
  })

  it('give everybody a colour that stays', () => {
    expect(hueOf('u-1')).toBe(hueOf('u-1'))
    expect(hueOf('u-1')).not.toBe(hueOf('u-2'))
    expect(hueOf('')).toBeLessThan(360)
  })
})
