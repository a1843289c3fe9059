import { describe, expect, it } from 'vitest'
import { freeKey } from './keys'

describe('the key of a new form', () => {
  it('comes from its English name and is free', () => {
    expect(freeKey({ en: 'Call centre: first contact' }, [])).toBe('call_centre_first_contact')
    expect(freeKey({ en: 'New' }, [])).toBe('new_2')
    expect(freeKey({ en: 'Lead' }, ['lead', 'lead_2'])).toBe('lead_3')
    expect(freeKey({ 'zh-CN': '线索' }, [])).toBe('form')
    expect(freeKey({ en: '360 view' }, ['form'])).toBe('form_2')
  })
})
