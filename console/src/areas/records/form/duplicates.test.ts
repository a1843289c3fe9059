import { expect, test } from 'vitest'
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import { comparedValues } from './duplicates'

const field = (name: string, type: FieldDefinition['type'], more: Partial<FieldDefinition> = {}): FieldDefinition => ({
  name,
  type,
  label: { en: name, 'zh-CN': name },
  required: false,
  unique: false,
  position: 1,
  options: {},
  ...more,
})
const CUSTOMER = {
  name: 'customer',
  fields: [
    field('name', 'text'),
    field('level', 'choice'),
    field('phone', 'phone', { access: 'masked' }),
    field('note', 'long_text'),
    field('badge', 'decimal'),
  ],
  duplicate_rules: [{ fields: ['badge'] }],
} as unknown as ObjectDefinition

test('what is filled in and readable is compared, and what a rule names', () => {
  const values = { name: 'Hengke', level: 'A', phone: '1385', note: 'long', badge: '' }
  expect(comparedValues(CUSTOMER, values)).toEqual({ name: 'Hengke', level: 'A' })
  expect(comparedValues(CUSTOMER, { badge: '7' })).toEqual({ badge: '7' })
})

test('a choice alone says nothing, so nobody is asked', () => {
  expect(comparedValues(CUSTOMER, { name: '', level: 'A' })).toEqual({})
})
