import { describe, expect, it } from 'vitest'
import type { Approval, Form } from './api'
import { draftOf, formOf, moved, newLate, newStep } from './draft'

const words = (key: string) => ({ en: key })
const form: Form = {
  start: { people: [], criteria: null },
  steps: [{ type: 'approve', name: { en: 'Boss' }, people: [{ role: 'head', up: 1 }], mode: 'all', due_in: null, late: null }],
  approved: [],
  withdrawn: [],
  automatic: [],
  rejected: [],
}

describe('draftOf', () => {
  it('begins a new approval with one approver, and copies one that is there', () => {
    expect(draftOf(null, 'contract', words).form.steps.map((step) => step.type)).toEqual(['approve'])
    const approval = { name: { en: 'A' }, object: 'quote', active: false, approval: form } as Approval
    const draft = draftOf(approval, 'contract', words)
    expect(draft).toEqual({ name: { en: 'A' }, object: 'quote', active: false, form })
    expect(draft.form).not.toBe(form)
  })
})

describe('formOf', () => {
  it('leaves out words and templates that nobody wrote, in ways within ways too', () => {
    const choose = newStep('choose', words)
    if (choose.type !== 'choose') throw new Error('not a choice')
    choose.ways[0]?.steps.push({ ...newStep('copy', words), name: { en: 'Copy', 'zh-CN': ' ' } })
    const sent = formOf({ ...form, steps: [choose] }).steps[0]
    expect(sent?.type === 'choose' && sent.ways[0]?.steps).toEqual([
      { type: 'act', name: { en: 'Copy' }, actions: [{ type: 'notify', to: { role: null }, message: { en: 'copyMessage' } }] },
    ])
  })

  it('keeps a template without the own message', () => {
    const action = { type: 'notify', to: 'owner', template: 'welcome', message: {} } as const
    expect(formOf({ ...form, rejected: [action] }).rejected).toEqual([{ ...action, message: null }])
  })
})

describe('newLate', () => {
  it('asks for what each way needs', () => {
    expect(newLate('remind', '2d', words)).toEqual({ after: '2d', do: 'remind', message: { en: 'reminder' } })
    expect(newLate('escalate', '2d', words)).toEqual({ after: '2d', do: 'escalate', people: [] })
    expect(newLate('reject', '3h', words)).toEqual({ after: '3h', do: 'reject' })
  })
})

describe('moved', () => {
  it('moves by one place and stops at the ends', () => {
    expect(moved([1, 2, 3], 0, 1)).toEqual([2, 1, 3])
    expect(moved([1, 2, 3], 0, -1)).toEqual([1, 2, 3])
    expect(moved([1, 2, 3], 2, 1)).toEqual([1, 2, 3])
  })
})
