import { describe, expect, it } from 'vitest'
import { NOTHING, restrictions, rightsOn, toggled, withAccess, withRights } from './rights'

describe('rights of a role', () => {
  it('an object that is not named has none', () => {
    expect(rightsOn({}, 'lead')).toEqual(NOTHING)
  })

  it('actions stay in the order of the product', () => {
    const both = toggled(toggled(NOTHING, 'update'), 'create')
    expect(both.actions).toEqual(['create', 'update'])
    expect(toggled(both, 'create').actions).toEqual(['update'])
  })

  it('a field that may be written again needs no line', () => {
    const hidden = withAccess(NOTHING, 'amount', 'none')
    expect(restrictions(hidden)).toBe(1)
    expect(withAccess(hidden, 'amount', 'write').fields).toEqual({})
  })

  it('an object without actions stays closed although every other is open, an empty line for every other goes', () => {
    const open = { '*': { actions: ['read' as const], scope: 'all' as const, fields: {} } }
    expect(withRights(open, 'lead', NOTHING)).toEqual({ ...open, lead: NOTHING })
    expect(withRights(open, '*', NOTHING)).toEqual({})
  })
})
