import { describe, expect, it } from 'vitest'
import type { ObjectDefinition, ObjectGroup } from '@/api/types'
import { divided } from './groups'

const object = (name: string, group: string | null) => ({ name, group }) as ObjectDefinition
const group = (key: string, position: number): ObjectGroup => ({ key, position, label: { en: key } })

describe('divided', () => {
  it('follows the order of the groups and keeps the order of the objects', () => {
    const found = divided(
      [object('ticket', 'service'), object('lead', 'sales'), object('customer', 'sales')],
      [group('service', 20), group('sales', 10)],
    )
    expect(found.map((one) => [one.key, one.objects.map((each) => each.name)])).toEqual([
      ['sales', ['lead', 'customer']],
      ['service', ['ticket']],
    ])
  })

  it('puts what stands in no group, or in one that is gone, at the end and leaves empty groups out', () => {
    const found = divided([object('own', null), object('lost', 'gone')], [group('sales', 10)])
    expect(found.map((one) => [one.key, one.objects.length])).toEqual([['', 2]])
  })
})
