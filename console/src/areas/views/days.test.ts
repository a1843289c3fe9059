import { describe, expect, it } from 'vitest'
import { addMonths, dayOf, daysAround, shifted, stepFrom } from './days'

describe('days of a calendar', () => {
  it('are whole weeks from Monday around a month', () => {
    const days = daysAround('2026-03-15', 'month')
    expect([days[0], days.at(-1), days.length]).toEqual(['2026-02-23', '2026-04-05', 42])
    expect(daysAround('2027-02-10', 'month')).toHaveLength(28)
  })

  it('are seven in a week', () => {
    expect(daysAround('2026-11-28', 'week')[0]).toBe('2026-11-23')
  })

  it('stay within a shorter month', () => {
    expect(addMonths('2026-01-31', 1)).toBe('2026-02-28')
    expect(stepFrom('2026-03-01', 'month', -1)).toBe('2026-02-01')
  })

  it('are those of the time zone of who looks', () => {
    expect(dayOf('2026-03-01T20:00:00Z', 'Asia/Shanghai')).toBe('2026-03-02')
    expect(dayOf('2026-03-01', 'Asia/Shanghai')).toBe('2026-03-01')
  })

  it('move with what is dragged', () => {
    expect(shifted('2026-03-01', 3)).toBe('2026-03-04')
    expect(shifted('2026-03-01T08:30:00Z', -1)).toBe('2026-02-28T08:30:00.000Z')
  })
})
