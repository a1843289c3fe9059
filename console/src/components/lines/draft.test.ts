import { describe, expect, it } from 'vitest'
import type { ObjectDefinition } from '@/api/types'
import { columnsOf, fillingFields, isBlank, newDraft, placeErrors, sentOf, type LineDraft } from './draft'

const field = (name: string, more = {}) => ({
  name,
  type: 'text',
  label: { en: name },
  required: false,
  unique: false,
  position: 0,
  options: {},
  ...more,
})
const line = {
  name: 'quote_line',
  list_fields: ['name', 'quote_id', 'position', 'net', 'secret'],
  fields: [
    field('name'),
    field('quote_id'),
    field('position'),
    field('quantity', { default: '1' }),
    field('net', { calculated: 'formula', access: 'read' }),
    field('secret', { access: 'none' }),
  ],
  line_of: { reference: 'quote_id', order: 'position' },
  fills: [
    { reference: 'product_id', set: {} },
    { object: 'price', match: { a: 'quote_id.price_list_id' }, tier: { field: 'least', by: 'quantity' }, set: {} },
  ],
} as unknown as ObjectDefinition
const row = (more: Partial<LineDraft>): LineDraft => ({ key: 0, values: {}, labels: {}, errors: {}, ...more })

describe('lines being edited', () => {
  it('shows what the object lists without the parent, the order and what may not be seen', () => {
    expect(columnsOf(line).map((one) => one.name)).toEqual(['name', 'net'])
  })

  it('sends the editable values, and the id of a line that stays', () => {
    const columns = columnsOf(line)
    expect(sentOf(row({ id: '1', values: { net: 3 } }), columns)).toEqual({ id: '1', name: null })
    expect(sentOf(row({ values: { name: 'A', net: 3 } }), columns)).toEqual({ name: 'A' })
  })

  it('knows a line that nobody has begun', () => {
    expect(isBlank(newDraft(line.fields), columnsOf(line))).toBe(true)
    expect(isBlank(row({ values: { name: 'A' } }), columnsOf(line))).toBe(false)
  })

  it('puts errors into their rows and keeps the others', () => {
    const rows = [row({}), row({})]
    const rest = placeErrors(rows, 'quote_line', [
      { pointer: '/lines/quote_line/1/name', detail: 'Missing.' },
      { pointer: '/matched', detail: 'Too much.' },
    ])
    expect(rest).toEqual(['Too much.'])
    expect(rows[1]!.errors).toEqual({ name: 'Missing.' })
  })

  it('asks for values when an own field changes that fills depend on', () => {
    expect([...fillingFields(line)]).toEqual(['product_id', 'quantity'])
  })
})
