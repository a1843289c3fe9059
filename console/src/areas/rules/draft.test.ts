import { describe, expect, it } from 'vitest'
import { bodyOf, draftOf, newAction } from './draft'

describe('a rule that is written', () => {
  it('without a condition holds always', () => {
    expect(bodyOf(draftOf(null, 'lead')).criteria).toEqual({ all: [] })
  })

  it('watches fields only when it is about changes', () => {
    const draft = { ...draftOf(null, 'lead'), trigger: { on: 'created' as const, fields: ['region'] } }
    expect(bodyOf(draft).trigger).toEqual({ on: 'created' })
  })

  it('sends no empty words, and a message only without a template', () => {
    const notify = { ...newAction('notify'), template: 'lead_assigned', message: { en: 'Hello' } }
    const draft = { ...draftOf(null, 'lead'), name: { en: 'A', 'zh-CN': ' ' }, actions: [notify] }
    const body = bodyOf(draft as ReturnType<typeof draftOf>)
    expect(body.name).toEqual({ en: 'A' })
    expect(body.actions[0]).toMatchObject({ template: 'lead_assigned', message: null })
  })
})
