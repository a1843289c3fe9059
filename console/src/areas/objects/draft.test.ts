import { describe, expect, it } from 'vitest'
import type { DefinedField } from './api'
import { bodyOf, changesOf, draftOf, isPersonalByType, moved, newDraft } from './draft'
import { TYPES } from './types'

const score: DefinedField = {
  name: 'score',
  type: 'integer',
  label: { en: 'Score' },
  required: true,
  unique: false,
  indexed: false,
  default: 5,
  position: 3,
  options: { min: 0, max: 100 },
}

describe('a field while it is written', () => {
  it('of every type is sent whole, without what its type does not take', () => {
    for (const { type, given, unique, default: takes } of TYPES) {
      const body = bodyOf({
        ...newDraft(type),
        label: { en: 'x', 'zh-CN': ' ' },
        required: true,
        unique: true,
        default: 'd',
      })
      expect(body.label).toEqual({ en: 'x' })
      expect([body.required, body.unique, body.default]).toEqual([
        given,
        Boolean(unique),
        takes && !unique ? 'd' : null,
      ])
    }
  })

  it('says whether it is personal only when somebody said so', () => {
    expect(bodyOf(newDraft('date')).personal).toBeNull()
    expect(changesOf({ ...draftOf(score), personal: true }, score)).toEqual({ personal: true })
    expect(bodyOf({ ...newDraft('auto_number'), personal: true }).personal).toBeNull()
    expect([isPersonalByType('email', false), isPersonalByType('text', false), isPersonalByType('text', true)]).toEqual(
      [true, false, true],
    )
  })

  it('sends a name only when one was written', () => {
    expect(bodyOf({ ...newDraft('text'), name: ' ' }).name).toBeNull()
    expect(bodyOf({ ...newDraft('text'), name: ' code ' }).name).toBe('code')
  })

  it('sends only what differs from the field that stands', () => {
    const draft = { ...newDraft('integer'), ...structuredClone(score), help: {}, message: {}, indexed: false }
    expect(changesOf(draft, score)).toEqual({})
    draft.options.max = null
    draft.label.en = 'Points '
    expect(changesOf(draft, score)).toEqual({ label: { en: 'Points' }, options: { min: 0 } })
  })
})

describe('moving', () => {
  it('takes one entry along and stops at both ends', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'c', 'b'])
    expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
    expect(moved(['a', 'b', 'c'], 2, 3)).toEqual(['a', 'b', 'c'])
  })
})
