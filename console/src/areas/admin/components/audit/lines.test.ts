import { describe, expect, it } from 'vitest'
import { linesOf } from './lines'

describe('the detail of an audit entry', () => {
  it('a change shows each member before and after', () => {
    expect(linesOf({ before: { name: 'A' }, after: { name: 'B', active: true } })).toEqual([
      { name: 'active', before: '—', after: 'true' },
      { name: 'name', before: 'A', after: 'B' },
    ])
  })

  it('plain members stand as what is now', () => {
    expect(linesOf({ sessions: 2, scopes: ['a'] })).toEqual([
      { name: 'scopes', before: '—', after: '["a"]' },
      { name: 'sessions', before: '—', after: '2' },
    ])
  })
})
