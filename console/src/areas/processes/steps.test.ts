import { describe, expect, it } from 'vitest'
import type { Task } from '@/api/types'
import type { Diagram, Instance, Line } from './api'
import { actionsOf, backFrom, decisionsOf, entriesOf, localNames, standingOf } from './steps'

const step = (more: Partial<Task> = {}, decision = true): Task =>
  ({
    id: 't',
    state: 'open',
    assignee_id: 'me',
    process: { instance_id: 'i', node: 'Boss', decision, applicant: { id: 'a', name: 'A' } },
    ...more,
  }) as Task
const back = [{ node: 'First', name: 'First look' }]

describe('what may be done with a step', () => {
  it('who has it decides, hands over, adds somebody, and sends back where there is an earlier step', () => {
    expect(actionsOf(step(), 'me', false, back)).toEqual(['approve', 'reject', 'handOver', 'addApprover', 'sendBack'])
    expect(actionsOf(step(), 'me', false, [])).toEqual(['approve', 'reject', 'handOver', 'addApprover'])
  })

  it('a step that decides nothing is completed', () => {
    expect(decisionsOf(step({}, false), 'me')).toEqual(['complete'])
  })

  it('others see it without buttons, and who manages processes can hand it over', () => {
    expect(actionsOf(step(), 'other', false, back)).toEqual([])
    expect(actionsOf(step(), 'other', true, back)).toEqual(['handOver'])
  })

  it('nothing more is done with a step that is closed', () => {
    expect(actionsOf(step({ state: 'done' }), 'me', true, back)).toEqual([])
  })

  it('ways back are those of the token that stands at the step', () => {
    const diagram: Diagram = {
      xml: '',
      waits: [],
      taken: [],
      held: [],
      failed: [],
      called: [],
      former: [],
      tokens: [
        { node: 'Other', name: '', waiting: true, people: [], back_to: [] },
        { node: 'Boss', name: '', waiting: true, people: [], back_to: back },
      ],
    }
    expect(backFrom(diagram, step())).toEqual(back)
    expect(backFrom(undefined, step())).toEqual([])
  })
})

describe('how a process tells of itself', () => {
  it('nodes are called as the file says', () => {
    const names = localNames('<d xmlns="urn:x"><userTask id="Boss" name="主管 &amp; Co"/><endEvent id="End"/></d>', '')
    expect(names.get('Boss')).toBe('主管 & Co')
    expect(names.get('End')).toBe('')
  })

  it('the mechanics of tokens are left out of the history', () => {
    const lines = ['started', 'left', 'waiting', 'approved', 'entered', 'ended'].map((what) => ({ what }) as Line)
    expect(entriesOf(lines).map((one) => one.what)).toEqual(['started', 'approved'])
  })

  it.each([
    ['running', null, 'running', 'info'],
    ['completed', 'approved', 'approved', 'success'],
    ['completed', 'rejected', 'rejected', 'danger'],
    ['completed', 'done', 'completed', 'success'],
    ['withdrawn', null, 'withdrawn', 'neutral'],
  ])('%s with %s is called %s', (state, outcome, key, tone) => {
    expect(standingOf({ state, outcome } as Instance)).toEqual({ key, tone })
  })
})
