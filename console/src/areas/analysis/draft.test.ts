import { describe, expect, it } from 'vitest'
import type { FieldDefinition } from '@/api/types'
import { chosen, emptyMapping, fitting, isWhole, SLOTS } from './draft'

const field = (name: string, type: string, object?: string) =>
  ({ name, type, label: {}, options: object ? { object } : {} }) as unknown as FieldDefinition

describe('the mapping of an analysis', () => {
  it('is whole when all but what may be left out is chosen', () => {
    let mapping = emptyMapping('value')
    expect(isWhole('value', mapping)).toBe(false)
    for (const [name, value] of [
      ['object', 'customer'],
      ['orders', 'order'],
      ['customer', 'customer_id'],
      ['date', 'ordered_on'],
    ])
      mapping = chosen('value', mapping, name!, value)
    expect(isWhole('value', mapping)).toBe(true)
    expect(mapping).toMatchObject({ amount: null, months: 12, criteria: null })
  })

  it('loses what hung on an object that is changed', () => {
    const full = {
      ...emptyMapping('win'),
      object: 'deal',
      stage: 'stage',
      won: ['won'],
      lost: ['lost'],
      date: 'closed_on',
      fields: ['source'],
      criteria: { all: [] },
    }
    expect(chosen('win', full, 'stage', 'phase')).toMatchObject({
      object: 'deal',
      won: [],
      lost: [],
      date: 'closed_on',
    })
    expect(chosen('win', full, 'object', 'lead')).toEqual({ ...emptyMapping('win'), object: 'lead' })
  })

  it('offers only what fits', () => {
    const slot = SLOTS.value.find(({ name }) => name === 'customer')!
    const fields = [field('a', 'reference', 'customer'), field('b', 'reference', 'product'), field('c', 'text')]
    expect(fitting(slot, { ...emptyMapping('value'), object: 'customer' }, fields)).toEqual([fields[0]])
  })
})
