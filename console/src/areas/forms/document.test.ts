import { describe, expect, it } from 'vitest'
import {
  changeField,
  changeSection,
  known,
  moveSection,
  namesAbove,
  newPlaced,
  newSection,
  placeOf,
  placedNames,
  put,
  step,
  without,
  type Sections,
} from './document'

const text = (name: string) => ({ name, type: 'text' as const })
const sections = (...names: string[][]): Sections =>
  names.map((one) => newSection(one.map((name) => newPlaced(text(name)))))
const names = (document: Sections) => document.map(({ fields }) => fields.map(({ field }) => field))

describe('placing fields', () => {
  it('brings a new field in where it is dropped', () => {
    expect(names(put(sections(['a', 'b'], []), text('c'), { section: 0, index: 1 }))).toEqual([['a', 'c', 'b'], []])
    expect(newPlaced({ name: 'note', type: 'long_text' }).width).toBe('full')
  })

  it('moves a field within its section and to another, with all that was set', () => {
    const document = changeField(sections(['a', 'b', 'c'], ['d']), 'a', { required: true })
    expect(names(put(document, text('a'), { section: 0, index: 3 }))).toEqual([['b', 'c', 'a'], ['d']])
    expect(names(put(document, text('c'), { section: 0, index: 0 }))).toEqual([['c', 'a', 'b'], ['d']])
    const moved = put(document, text('a'), { section: 1, index: 1 })
    expect(names(moved)).toEqual([
      ['b', 'c'],
      ['d', 'a'],
    ])
    expect(moved[1]?.fields[1]?.required).toBe(true)
  })

  it('steps over the edge of a section', () => {
    const document = sections(['a'], ['b', 'c'])
    expect(names(step(document, 'c', -1))).toEqual([['a'], ['c', 'b']])
    expect(names(step(document, 'b', -1))).toEqual([['a', 'b'], ['c']])
    expect(names(step(document, 'a', 1))).toEqual([[], ['a', 'b', 'c']])
    expect(step(document, 'a', -1)).toBe(document)
    expect(step(document, 'nobody', 1)).toBe(document)
  })

  it('takes a field out, and knows what is placed', () => {
    const document = without(sections(['a', 'b']), 'a')
    expect(names(document)).toEqual([['b']])
    expect([...placedNames(document)]).toEqual(['b'])
    expect(placeOf(document, 'a')).toBeNull()
    expect(names(known(sections(['a', 'b']), new Set(['b'])))).toEqual([['b']])
  })
})

describe('what stands above', () => {
  it('are the fields of earlier sections, and those before it in its own', () => {
    const all = sections(['a'], ['b', 'c'])
    expect([namesAbove(all, 0), namesAbove(all, 1), namesAbove(all, 1, 'c')]).toEqual([[], ['a'], ['a', 'b']])
  })
})

describe('sections', () => {
  it('move and change', () => {
    const document = sections(['a'], ['b'])
    expect(names(moveSection(document, 0, 1))).toEqual([['b'], ['a']])
    expect(moveSection(document, 0, 2)).toBe(document)
    expect(changeSection(document, 1, { columns: 1 }).map(({ columns }) => columns)).toEqual([2, 1])
  })
})
