import { describe, expect, it } from 'vitest'
import { flat, nested } from './fieldRules'

describe('field rules for one person', () => {
  it('are a line each, and come back as they were', () => {
    const rules = { lead: { phone: 'masked', note: 'none' }, order: { total: 'read' } } as const
    expect(flat(rules)).toHaveLength(3)
    expect(nested(flat(rules))).toEqual(rules)
  })

  it('say nothing while an object or a field is not chosen yet', () => {
    expect(nested([{ object: 'lead', field: '', access: 'none' }])).toEqual({})
    expect(nested([{ object: '', field: '', access: 'none' }])).toEqual({})
  })
})
