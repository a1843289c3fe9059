import { describe, expect, it } from 'vitest'
import { hasRoom, limitsOf } from './limits'

describe('limits of a pool', () => {
  it('are what one holds and what one has claimed today', () => {
    const mine = { member: true, manager: false, held: 3, max_held: 3, claimed_today: 1, max_claims_per_day: null }
    expect(limitsOf(mine)).toEqual([
      { key: 'held', now: 3, most: 3 },
      { key: 'today', now: 1, most: null },
    ])
    expect(limitsOf(mine).map(hasRoom)).toEqual([false, true])
  })

  it('are unknown for whoever holds nothing there', () => {
    expect(limitsOf(undefined)).toEqual([])
    expect(limitsOf({ member: false, manager: true })).toEqual([])
  })
})
