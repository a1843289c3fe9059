import { expect, test } from 'vitest'
import type { FieldDefinition } from '@/api/types'
import { fieldAt, reachable } from './related'

const field = (name: string, type: FieldDefinition['type'], en: string, more: Partial<FieldDefinition> = {}) => ({
  name,
  type,
  label: { en, 'zh-CN': `${en}中` },
  required: false,
  unique: false,
  position: 1,
  options: {},
  ...more,
})
const FIELDS: Record<string, FieldDefinition[]> = {
  lead: [
    field('name', 'text', 'Name'),
    field('customer_id', 'reference', 'Customer', { options: { object: 'customer' } }),
  ],
  customer: [
    field('level', 'choice', 'Level'),
    field('budget', 'money', 'Budget'),
    field('phone', 'phone', 'Phone', { access: 'masked' }),
    field('parent_id', 'reference', 'Parent', { options: { object: 'customer' } }),
  ],
}
const of = (object: string) => FIELDS[object] ?? []

test('fields behind a reference are offered with its name, masked ones are not', () => {
  expect(reachable(of, 'lead', true).map((one) => [one.name, one.label['zh-CN']])).toEqual([
    ['name', 'Name中'],
    ['customer_id', 'Customer中'],
    ['customer_id.level', 'Customer中 › Level中'],
    ['customer_id.budget', 'Customer中 › Budget中'],
    ['customer_id.parent_id', 'Customer中 › Parent中'],
  ])
  expect(reachable(of, 'lead', false)).toHaveLength(2)
})

test('a path is followed as far as it goes', () => {
  expect(fieldAt(of, of('lead'), 'customer_id.parent_id.level')?.label.en).toBe('Customer › Parent › Level')
  expect(fieldAt(of, of('lead'), 'customer_id.budget.currency')).toMatchObject({
    label: { 'zh-CN': 'Customer中 › Budget中：币种' },
    type: 'choice',
  })
  expect(fieldAt(of, of('lead'), 'customer_id.nothing')).toBeUndefined()
  expect(fieldAt(of, of('lead'), 'name.level')).toBeUndefined()
})
