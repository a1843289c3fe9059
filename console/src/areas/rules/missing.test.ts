import { describe, expect, it } from 'vitest'
import { draftOf, newAction, type Draft } from './draft'
import { missingIn } from './missing'

const said = (draft: Draft, unfinished: string[] = []) =>
  missingIn(draft, unfinished, (key) => key).map(({ pointer, detail }) => `${pointer} ${detail}`)
const written = (changes: Partial<Draft>): Draft => ({ ...draftOf(null, 'lead'), name: { en: 'A' }, ...changes })
const notify = newAction('notify')

describe('a rule that is not complete', () => {
  it('says everything that is missing at once, from top to bottom', () => {
    const draft = { ...draftOf(null, 'lead'), actions: [newAction('create_task'), newAction('assign')] }
    expect(said(draft, ['/all/1'])).toEqual([
      '/name rules.missing.name',
      '/criteria/all/1 criteria.unfinished',
      '/actions/0/title common.required',
      '/actions/1/to rules.missing.whom',
    ])
  })

  it('needs an action, and each action what it speaks of', () => {
    expect(said(written({ actions: [] }))).toEqual(['/actions rules.missing.action'])
    expect(said(written({ actions: [newAction('set_fields'), notify] }))).toEqual([
      '/actions/0/values rules.missing.fields',
      '/actions/1/message rules.missing.message',
    ])
  })

  it('says which values of a new record were begun and not filled in', () => {
    const action = newAction('create_record')
    const values = { name: { formula: ' ' }, lead: { from: 'id' }, note: undefined, done: false, gone: null }
    expect(said(written({ actions: [action] }))).toEqual(['/actions/0/object rules.missing.object'])
    expect(said(written({ actions: [{ ...action, object: 'project', values } as typeof action] }))).toEqual([
      '/actions/0/values/name common.required',
      '/actions/0/values/note common.required',
    ])
  })

  it('that waits for a condition to become true needs one', () => {
    const draft = written({
      trigger: { on: 'becomes' },
      actions: [{ ...notify, message: { 'zh-CN': '好' } } as typeof notify],
    })
    expect(said(draft)).toEqual(['/criteria rules.missing.condition'])
    expect(said({ ...draft, criteria: { field: 'region', op: 'is_set' } })).toEqual([])
  })
})
