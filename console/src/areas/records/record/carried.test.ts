import { expect, test } from 'vitest'
import type { FieldDefinition, RecordData } from '@/api/types'
import { carriedLinks } from './carried'

const link = (name: string, object: string, more: Partial<FieldDefinition> = {}): FieldDefinition => ({
  name,
  type: 'reference',
  label: { en: name, 'zh-CN': name },
  required: false,
  unique: false,
  position: 1,
  options: { object },
  ...more,
})
const DEAL = [link('customer_id', 'customer'), link('contact_id', 'contact'), link('parent_id', 'opportunity')]
const deal = {
  id: 'd',
  customer_id: 'c',
  contact_id: 'p',
  parent_id: 'e',
  _labels: { customer_id: 'Hengke', contact_id: 'Li Lei', parent_id: 'First order' },
} as unknown as RecordData

test('a follow-up on a deal is one on its customer and contact too', () => {
  const fields = [link('customer_id', 'customer'), link('contact_id', 'contact'), link('opportunity_id', 'opportunity')]
  expect(carriedLinks(fields, DEAL, deal)).toEqual({ customer_id: 'c', contact_id: 'p' })
})

test('links of another kind, without a value or not to be seen stay behind', () => {
  const fields = [link('customer_id', 'customer'), link('contact_id', 'contact'), link('parent_id', 'customer')]
  const unseen = { ...deal, contact_id: null, _labels: { parent_id: 'First order' } }
  expect(carriedLinks(fields, DEAL, unseen)).toEqual({})
})

test('what the writer may not fill in is left out', () => {
  const fields = [link('customer_id', 'customer', { access: 'read' }), link('contact_id', 'contact', { access: 'write' })]
  expect(carriedLinks(fields, DEAL, deal)).toEqual({ contact_id: 'p' })
})
