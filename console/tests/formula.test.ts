/** Formulas in the console: calculated fields look like their results, and the editor puts things where they belong. */
import { describe, expect, it } from 'vitest'
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import { inserted, pathsOf } from '@/components/formula/paths'
import { asShown, definedType } from '@/metadata/calculated'
import { isWritable } from '@/metadata/systemFields'

const field = (name: string, type: string, options = {}): FieldDefinition =>
  ({ name, type, label: {}, required: false, unique: false, position: 0, options }) as unknown as FieldDefinition

describe('a calculated field', () => {
  it('is shown as its result, read-only, and keeps the type of its definition', () => {
    const shown = asShown(field('total', 'formula', { result: 'money', expression: 'price' }))
    expect([shown.type, shown.calculated, isWritable(shown), definedType(shown)]).toEqual([
      'money',
      'formula',
      false,
      'formula',
    ])
  })

  it('leaves other fields alone', () => {
    const plain = field('name', 'text')
    expect(asShown(plain)).toBe(plain)
  })
})

describe('the editor', () => {
  const objects: Record<string, FieldDefinition[]> = {
    deal: [field('price', 'money'), field('customer', 'reference', { object: 'customer' }), field('updated_at', 'datetime')],
    customer: [field('level', 'choice')],
  }

  it('offers own fields and those behind references', () => {
    const paths = pathsOf(
      'deal',
      (name) => objects[name] ?? [],
      (name) => (objects[name] ? ({ name } as ObjectDefinition) : undefined),
    )
    expect(paths.map((one) => one.path)).toEqual(['price', 'customer', 'customer.level'])
  })

  it('puts a function in place of the selection, with the cursor between its brackets', () => {
    expect(inserted('1 + xx', 4, 6, 'ROUND()')).toEqual({ text: '1 + ROUND()', cursor: 10 })
    expect(inserted('', 0, 0, 'price')).toEqual({ text: 'price', cursor: 5 })
  })
})
