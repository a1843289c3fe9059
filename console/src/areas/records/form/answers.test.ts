import { describe, expect, it, vi } from 'vitest'
import { judgeRecords } from '@/api/customer'
import type { FieldDefinition } from '@/api/types'
import { holds, type Asked, type Scope } from '@/criteria/evaluate'
import { useAnswers } from './answers'

vi.mock('@/api/customer', () => ({ judgeRecords: vi.fn() }))
const judge = vi.mocked(judgeRecords)

const fields = new Map(
  [{ name: 'customer_id', type: 'reference' }].map((field) => [field.name, field as unknown as FieldDefinition]),
)
const LEVEL: Asked = { field: 'customer_id.level', op: 'eq', value: 'A' }
const OTHER: Asked = { field: 'customer_id.level', op: 'ne', value: 'A' }
const BUSY: Asked = { related: 'deal.lead_id', op: 'some' }
const IDLE: Asked = { related: 'deal.lead_id', op: 'none' }
const plain: Scope = { now: 0, timezone: 'UTC', userId: null, departmentId: null, below: () => [] }

describe('conditions over related records on a form', () => {
  it('hold or not without asking when there is nobody around', () => {
    const { answer } = useAnswers(() => 'lead')
    const scope = { ...plain, related: answer }
    const found = [LEVEL, OTHER, BUSY, IDLE].map((one) => holds(one, { customer_id: null }, fields, scope))
    expect(found).toEqual([false, true, false, true])
    expect([LEVEL, OTHER].map((one) => holds(one, { customer_id: 'x' }, fields, plain))).toEqual([false, true])
    expect(judge).not.toHaveBeenCalled()
  })

  it('are asked once, all together, and again only for another record', async () => {
    judge.mockResolvedValue([
      [true, false],
      [false, true],
    ])
    const { answer, settled } = useAnswers(() => 'lead')
    const ask = (id: string) => [LEVEL, OTHER].map((one) => answer(one, { customer_id: id }))
    expect([...ask('x'), ...ask('y')]).toEqual([false, true, false, true])
    await settled()
    expect(judge).toHaveBeenCalledTimes(1)
    expect(judge.mock.calls[0]).toEqual(['lead', [LEVEL, OTHER], [{ customer_id: 'x' }, { customer_id: 'y' }]])
    expect(ask('x')).toEqual([true, false])
    expect(ask('y')).toEqual([false, true])
    await settled()
    expect(judge).toHaveBeenCalledTimes(1)
  })

  it('say so when nobody answers, and ask again when they are forgotten', async () => {
    judge.mockRejectedValueOnce(new Error('away'))
    const { answer, settled, failed, forget } = useAnswers(() => 'lead')
    answer(LEVEL, { customer_id: 'x' })
    await settled()
    expect(failed.value).toBe(true)
    judge.mockResolvedValueOnce([[true]])
    forget()
    answer(LEVEL, { customer_id: 'x' })
    await settled()
    expect([failed.value, answer(LEVEL, { customer_id: 'x' })]).toEqual([false, true])
  })
})
