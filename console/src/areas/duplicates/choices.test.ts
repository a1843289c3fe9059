import { describe, expect, it } from 'vitest'
import type { FieldDefinition, ObjectDefinition, RecordData } from '@/api/types'
import { choicesOf, takenFrom } from './choices'

const field = (name: string, more: Partial<FieldDefinition> = {}) =>
  ({ name, type: 'text', label: {}, options: {}, access: 'write', ...more }) as FieldDefinition
const object = {
  fields: [
    field('name'),
    field('phone'),
    field('note'),
    field('code', { type: 'auto_number' }),
    field('secret', { access: 'read' }),
  ],
} as unknown as ObjectDefinition
const one = { id: '1', version: 1, name: 'A', phone: null, note: 'x', code: 'C1', secret: 1 } as unknown as RecordData
const other = {
  id: '2',
  version: 1,
  name: 'B',
  phone: '138',
  note: 'x',
  code: 'C2',
  secret: 2,
} as unknown as RecordData

describe('what a merge keeps', () => {
  it('is the value of the record that stays, or the only one there is', () => {
    const choices = choicesOf(object, [one, other], 0)
    expect(choices.map(({ field, from }) => [field.name, from])).toEqual([
      ['name', 0],
      ['phone', 1],
    ])
    expect(takenFrom(choices, 0)).toEqual(['phone'])
  })

  it('turns around with the record that stays', () => {
    expect(takenFrom(choicesOf(object, [one, other], 1), 1)).toEqual([])
  })
})
