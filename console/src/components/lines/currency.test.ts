import { describe, expect, it } from 'vitest'
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import { currencyIn, foreignIn, keepsCurrency, putInto } from './currency'

const money = (amount: string, currency: string) => ({ amount, currency })
const field = (name: string, more: Partial<FieldDefinition> = {}) =>
  ({ name, type: 'money', label: {}, options: {}, ...more }) as FieldDefinition
const total = (reference: string, keep?: boolean) =>
  field('total', {
    calculated: 'rollup',
    options: { object: 'quote_line', reference, result: 'money', keep_currency: keep },
  })
const line = {
  name: 'quote_line',
  fields: [field('price'), field('net', { calculated: 'formula' })],
  line_of: { reference: 'quote_id' },
} as ObjectDefinition
const quote = (...fields: FieldDefinition[]) => ({ name: 'quote', fields }) as ObjectDefinition

describe('the currency of lines', () => {
  it('is free when all sums over them keep it', () => {
    expect(keepsCurrency(quote(total('quote_id', true), total('other_id')), line)).toBe(true)
    expect(keepsCurrency(quote(total('quote_id', true), total('quote_id')), line)).toBe(false)
    expect(keepsCurrency(quote(field('budget')), line)).toBe(false)
  })

  it('is that of the first amount that people entered and that is more than nothing', () => {
    const rows = [{ price: money('0.00', 'CNY'), net: money('5', 'CNY') }, { price: money('7', 'USD') }]
    expect(currencyIn(line, rows)).toBe('USD')
    expect(currencyIn(line, [{ price: null }])).toBeUndefined()
  })

  it('goes to every amount of a row when people choose it', () => {
    const row = { key: 1, values: { price: money('7', 'CNY'), net: money('7', 'CNY') }, labels: {}, errors: {} }
    putInto(line, row, 'USD')
    expect(row.values.price).toEqual(money('7', 'USD'))
  })

  it('names the filled-in prices in another one', () => {
    expect(foreignIn(line, { price: money('7', 'CNY') }, 'USD')).toEqual([['price', money('7', 'CNY')]])
    expect(foreignIn(line, { price: money('0', 'CNY') }, 'USD')).toEqual([])
  })
})
