import { describe, expect, it } from 'vitest'
import type { ObjectDefinition, RecordData } from '@/api/types'
import { namedBy, titleWithName } from './records'

const object = (title: string, links: string[]) =>
  ({
    title_field: 'title',
    list_fields: ['title', 'customer_id'],
    fields: [
      { name: 'title', type: title },
      ...links.map((name) => ({ name, type: 'reference', access: name === 'secret_id' ? 'none' : 'write' })),
    ],
  }) as unknown as ObjectDefinition
const record = { id: '1', title: 'SO-1', _labels: { customer_id: 'Hengke' } } as unknown as RecordData

describe('a record that is known by a number', () => {
  it('is named by what it belongs to, first of all in its list', () => {
    const order = object('auto_number', ['quote_id', 'customer_id'])
    expect(namedBy(order)?.name).toBe('customer_id')
    expect(titleWithName(order, record)).toBe('SO-1 · Hengke')
    expect(namedBy(object('auto_number', ['secret_id', 'quote_id']))?.name).toBe('quote_id')
  })

  it('keeps its title where that is a name, or where nothing else is known', () => {
    expect(titleWithName(object('text', ['customer_id']), record)).toBe('SO-1')
    expect(titleWithName(object('auto_number', ['quote_id']), record)).toBe('SO-1')
    expect(titleWithName(object('auto_number', []), record)).toBe('SO-1')
  })
})
