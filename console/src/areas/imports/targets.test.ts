import { describe, expect, it } from 'vitest'
import type { FieldDefinition } from '@/api/types'
import { missingOf, targetsOf, withoutStrangers, type TargetGroup } from './targets'

const field = (name: string, more: Partial<FieldDefinition> = {}) =>
  ({
    name,
    type: 'text',
    label: { en: name.toUpperCase() },
    required: false,
    unique: false,
    position: 0,
    options: {},
    ...more,
  }) as FieldDefinition
const words = (label: unknown) => (label as { en: string }).en

const GROUPS: TargetGroup[] = [
  { object: '', label: 'Customer', targets: [{ name: 'name', label: 'Name', required: true }] },
  {
    object: 'contact',
    label: 'Contact',
    targets: [
      { name: 'contact.name', label: 'Name', required: true },
      { name: 'contact.phone', label: 'Phone', required: false },
    ],
  },
]

describe('targets', () => {
  it('leave out the link that follows by itself and what nobody may write', () => {
    const fields = [field('name'), field('customer_id'), field('secret', { access: 'read' })]
    const found = targetsOf(fields, words, { object: 'contact', link: 'customer_id' })
    expect(found).toEqual([{ name: 'contact.name', label: 'NAME', required: false }])
  })

  it('lack nothing of an object that has no column', () => {
    expect(missingOf(GROUPS, { 0: 'name' })).toEqual([])
    expect(missingOf(GROUPS, { 0: 'name', 1: 'contact.phone' }).map(({ name }) => name)).toEqual(['contact.name'])
    expect(missingOf(GROUPS, {}).map(({ name }) => name)).toEqual(['name'])
  })

  it('let go of columns whose target is gone', () => {
    expect(withoutStrangers({ 0: 'name', 1: 'id', 2: null }, GROUPS)).toEqual({ 0: 'name', 1: null, 2: null })
  })
})
