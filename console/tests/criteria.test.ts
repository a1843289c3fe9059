import { describe, expect, it } from 'vitest'
import type { FieldDefinition, FieldType } from '@/api/types'
import { operatorKey, valueWords, type Speaker } from '@/criteria/describe'
import type { Criteria } from '@/criteria/model'
import { blankValue, isComplete, newClause, operatorsOf, withOperator } from '@/criteria/operators'
import { both, countClauses, isGroup, parseCriteria, toCriteria, toTree } from '@/criteria/tree'
import en from '@/i18n/messages.en'

const ALL_TYPES: FieldType[] = [
  'text',
  'long_text',
  'integer',
  'decimal',
  'money',
  'percent',
  'date',
  'datetime',
  'boolean',
  'choice',
  'multi_choice',
  'phone',
  'email',
  'url',
  'region',
  'user',
  'department',
  'reference',
  'auto_number',
]

const field = (type: FieldType, name = 'a'): FieldDefinition => ({
  name,
  type,
  label: { en: name },
  required: false,
  unique: false,
  position: 1,
  options: {},
})

const speaker: Speaker = {
  t: (key, params) => `${key}${params ? JSON.stringify(params) : ''}`,
  value: (_field, value) => `<${String(value)}>`,
}

describe('the tree behind the builder', () => {
  const nested: Criteria = {
    all: [
      { field: 'region', op: 'in', value: ['east'] },
      { any: [{ field: 'a', op: 'is_set' }, { not: { field: 'b', op: 'eq', value: 1 } }] },
    ],
  }

  it('gives back exactly what it was made from', () => {
    expect(toCriteria(toTree(nested))).toEqual(nested)
  })

  it('wraps a lone clause and starts empty', () => {
    expect(toCriteria(toTree({ field: 'a', op: 'eq', value: 'x' }))).toEqual({
      all: [{ field: 'a', op: 'eq', value: 'x' }],
    })
    expect(toCriteria(toTree(null))).toBeNull()
  })

  it('keeps a negation that the builder cannot show', () => {
    const tree = toTree({ all: [{ not: { field: 'b', op: 'eq', value: 1 } }] })
    expect(tree.items.some(isGroup)).toBe(false)
    expect(toCriteria(tree)).toEqual({ all: [{ not: { field: 'b', op: 'eq', value: 1 } }] })
  })

  it('leaves out unfinished clauses and empty groups', () => {
    expect(
      toCriteria({
        join: 'all',
        items: [
          { field: 'a', op: 'eq', value: null },
          { join: 'any', items: [] },
          { field: 'b', op: 'is_set' },
        ],
      }),
    ).toEqual({ all: [{ field: 'b', op: 'is_set' }] })
  })

  it('counts clauses at any depth', () => {
    expect(countClauses(nested)).toBe(3)
    expect(countClauses(null)).toBe(0)
  })

  it('joins conditions only when there are two', () => {
    const one: Criteria = { field: 'a', op: 'is_set' }
    expect(both(one, null)).toBe(one)
    expect(both(null, null)).toBeNull()
    expect(both(one, one)).toEqual({ all: [one, one] })
  })

  it('reads an address and ignores what is not of the grammar', () => {
    expect(parseCriteria(JSON.stringify(nested))).toEqual(nested)
    for (const text of ['', '{', '[]', '"x"', '{"all":1}', '{"all":[{"field":1}]}', null, undefined])
      expect(parseCriteria(text)).toBeNull()
  })
})

describe('operators', () => {
  it('are offered for every type, the ones about change only to rules', () => {
    for (const type of ALL_TYPES) {
      expect(operatorsOf(field(type))).toContain('is_empty')
      expect(operatorsOf(field(type))).not.toContain('changed')
      expect(operatorsOf(field(type), true)).toContain('changed_to')
    }
    expect(operatorsOf(field('department'))).toContain('under')
  })

  it('have words in the locale files for every type', () => {
    const words = en as unknown as Record<string, Record<string, Record<string, string>>>
    for (const type of ALL_TYPES) {
      for (const op of operatorsOf(field(type), true)) {
        const [space = '', group = '', key = ''] = operatorKey(field(type), op).split('.')
        expect(words[space]?.[group]?.[key], `${type} ${op}`).toBeTruthy()
      }
    }
  })

  it('keep the value while its shape allows', () => {
    const clause = { field: 'a', op: 'in' as const, value: ['x'] }
    expect(withOperator(clause, 'not_in').value).toEqual(['x'])
    expect(withOperator(clause, 'is_empty').value).toBeUndefined()
    expect(withOperator(clause, 'eq').value).toBeNull()
  })

  it('know when a clause says enough', () => {
    expect(isComplete({ field: 'a', op: 'is_set' })).toBe(true)
    expect(isComplete({ field: 'a', op: 'in', value: [] })).toBe(false)
    expect(isComplete({ field: 'a', op: 'between', value: ['1', null] })).toBe(false)
    expect(isComplete({ field: 'a', op: 'eq', value: false })).toBe(true)
    expect(isComplete({ field: 'a', op: 'gte', value: '0' })).toBe(true)
  })

  it('start a boolean with yes and a date with a period', () => {
    expect(newClause(field('boolean')).value).toBe(true)
    expect(newClause(field('date'))).toMatchObject({ op: 'on', value: 'this_month' })
    expect(blankValue('between')).toEqual([null, null])
  })
})

describe('words for a clause', () => {
  it('say lists, spans, periods and the person who looks', () => {
    expect(valueWords(speaker, field('choice'), { field: 'a', op: 'in', value: ['x', 'y'] })).toBe(
      '<x>fields.listSeparator<y>',
    )
    expect(valueWords(speaker, field('date'), { field: 'a', op: 'older_than', value: '3d' })).toBe(
      'criteria.span.d{"count":"3"}',
    )
    expect(valueWords(speaker, field('date'), { field: 'a', op: 'on', value: 'today' })).toBe('criteria.period.today')
    expect(valueWords(speaker, field('user'), { field: 'a', op: 'in', value: ['$me'] })).toBe('criteria.me')
    expect(valueWords(speaker, field('text'), { field: 'a', op: 'is_set' })).toBe('')
  })
})
