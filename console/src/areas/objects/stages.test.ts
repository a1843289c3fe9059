import { describe, expect, it } from 'vitest'
import type { DefinedField, DefinedObject } from './api'
import { bodyOf, freshKey, hasGate, stageFields, stagesOf } from './stages'

const field = (name: string, stage?: object, more: object = {}) =>
  ({
    name,
    type: 'choice',
    label: {},
    options: {
      choices: [
        { value: 'new', label: { en: 'New' }, stage },
        { value: 'won', label: {} },
      ],
      ...more,
    },
  }) as unknown as DefinedField

const WHOLE = {
  probability: 10,
  tasks: [{ title: { en: 'Call' }, days: 3 }],
  checks: [{ key: 'budget', label: { en: 'Budget known' } }],
  complete: ['tasks'],
  closed: 'won',
  required: ['amount'],
  enter: { field: 'amount', op: 'is_set' },
  message: { en: 'Ask' },
}

describe('stages', () => {
  it('are sent as they came', () => {
    expect(bodyOf(stagesOf(field('stage', WHOLE)))).toEqual([
      { value: 'new', stage: WHOLE },
      { value: 'won', stage: null },
    ])
  })

  it('of which nothing is said any more are none', () => {
    const [stage] = stagesOf(field('stage', { probability: 0, tasks: [], checks: [], message: {} }))
    expect(bodyOf([{ ...stage!, message: { en: ' ' } }])).toEqual([{ value: 'new', stage: null }])
    expect(hasGate(stage!)).toBe(false)
    expect(hasGate({ ...stage!, required: ['amount'] })).toBe(true)
  })

  it('have points under keys of their own, in words without blanks', () => {
    expect(freshKey([])).toBe('check_1')
    expect(freshKey([{ key: 'check_2', label: {} }])).toBe('check_3')
    const [stage] = stagesOf(field('stage', { checks: [{ key: 'one', label: { en: ' One ', 'zh-CN': '' } }] }))
    expect(bodyOf([stage!])[0]!.stage!.checks).toEqual([{ key: 'one', label: { en: 'One' } }])
    expect(hasGate({ ...stage!, complete: ['checks'] })).toBe(true)
  })

  it('are looked for where a pipeline stands already', () => {
    const object = {
      fields: [field('kind'), field('pool_id', undefined, { managed: true }), field('stage', WHOLE)],
    } as unknown as DefinedObject
    expect(stageFields(object).map((one) => one.name)).toEqual(['stage', 'kind'])
  })
})
