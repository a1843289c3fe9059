import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FieldDefinition, FieldType } from '@/api/types'
import { compareDecimals } from './decimals'
import { fold, holds, type Scope } from './evaluate'
import type { Criteria } from './model'

/** The server's test reads the same file. */
interface Cases {
  fields: { name: string; type: FieldType; currency?: string }[]
  record: Record<string, unknown>
  scope: {
    now: string
    timezone: string
    user_id: string
    department_id: string
    departments: Record<string, string>
  }
  holds: Criteria[]
  fails: Criteria[]
}

const cases = JSON.parse(readFileSync(resolve('../tests/data/criteria/cases.json'), 'utf-8')) as Cases
const fields = new Map(
  cases.fields.map(({ name, type, currency }): [string, FieldDefinition] => [
    name,
    { name, type, label: {}, required: false, unique: false, position: 0, options: { currency } },
  ]),
)
const scope: Scope = {
  now: Date.parse(cases.scope.now),
  timezone: cases.scope.timezone,
  userId: cases.scope.user_id,
  departmentId: cases.scope.department_id,
  below: (top) =>
    Object.entries(cases.scope.departments)
      .filter(([, parent]) => parent === top)
      .map(([id]) => id),
}

describe('criteria in the browser', () => {
  it.each(cases.holds.map((one) => [JSON.stringify(one), one] as const))('%s holds', (_, criteria) => {
    expect(holds(criteria, cases.record, fields, scope)).toBe(true)
  })

  it.each(cases.fails.map((one) => [JSON.stringify(one), one] as const))('%s does not hold', (_, criteria) => {
    expect(holds(criteria, cases.record, fields, scope)).toBe(false)
  })

  it('knows no field that is not there', () => {
    expect(holds({ field: 'nothing', op: 'eq', value: 1 }, cases.record, fields, scope)).toBe(false)
  })
})

describe('exact numbers', () => {
  it('compares decimals without binary fractions', () => {
    expect(compareDecimals('0.30', '0.3')).toBe(0)
    expect(compareDecimals('12345678901234567890.1', '12345678901234567890.2')).toBe(-1)
    expect(compareDecimals('-2', 1)).toBe(-1)
  })
})

describe('folding', () => {
  it('keeps one character one character', () => {
    expect(fold('ÄΣς')).toBe('äσσ')
    expect(fold('İ\u212a')).toBe('İ\u212a')
  })
})
