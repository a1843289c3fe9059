/** Which operators a field offers, what kind of value each wants, and where a new clause starts. */
import type { FieldDefinition, FieldType } from '@/api/types'
import type { Clause, ClauseOp } from './model'

export type Kind = 'text' | 'number' | 'time' | 'boolean' | 'choice' | 'multi' | 'link' | 'address' | 'file'

/** How the value is entered: nothing, one, several, two ends, a length of time, or a named period. */
export type ValueShape = 'none' | 'one' | 'many' | 'range' | 'span' | 'period'

const KINDS: Record<FieldType, Kind> = {
  text: 'text',
  long_text: 'text',
  phone: 'text',
  email: 'text',
  url: 'text',
  auto_number: 'text',
  region: 'text',
  integer: 'number',
  decimal: 'number',
  percent: 'number',
  money: 'number',
  date: 'time',
  datetime: 'time',
  boolean: 'boolean',
  choice: 'choice',
  multi_choice: 'multi',
  user: 'link',
  department: 'link',
  reference: 'link',
  reference_list: 'multi',
  address: 'address',
  file: 'file',
  image: 'file',
}

const EVERY: ClauseOp[] = ['is_set', 'is_empty']

const OPERATORS: Record<Kind, ClauseOp[]> = {
  text: ['contains', 'eq', 'ne', 'starts_with', 'not_contains', 'in', 'not_in', ...EVERY],
  number: ['gte', 'lte', 'eq', 'gt', 'lt', 'between', 'ne', ...EVERY],
  time: ['on', 'within_last', 'within_next', 'older_than', 'gte', 'lt', 'between', ...EVERY],
  boolean: ['eq', ...EVERY],
  choice: ['in', 'not_in', ...EVERY],
  multi: ['has_any', 'has_all', 'has_none', ...EVERY],
  link: ['in', 'not_in', ...EVERY],
  address: ['contains', 'not_contains', ...EVERY],
  file: EVERY,
}

export const CHANGE_OPERATORS: ClauseOp[] = ['changed', 'changed_to', 'changed_from']

const SHAPES: Partial<Record<ClauseOp, ValueShape>> = {
  is_set: 'none',
  is_empty: 'none',
  changed: 'none',
  in: 'many',
  not_in: 'many',
  has_any: 'many',
  has_all: 'many',
  has_none: 'many',
  between: 'range',
  older_than: 'span',
  within_last: 'span',
  within_next: 'span',
  on: 'period',
}

export const PERIODS = [
  'today',
  'yesterday',
  'tomorrow',
  'this_week',
  'last_week',
  'next_week',
  'this_month',
  'last_month',
  'next_month',
  'this_quarter',
  'this_year',
  'last_year',
] as const

export const SPAN_UNITS = ['m', 'h', 'd', 'w'] as const

export const kindOf = (field: Pick<FieldDefinition, 'type'>): Kind => KINDS[field.type] ?? 'text'

/** The operators of a field, in the order people want them; with the ones about before and after for rules. */
export function operatorsOf(field: FieldDefinition, changes = false): ClauseOp[] {
  const own = OPERATORS[kindOf(field)]
  const under: ClauseOp[] = field.type === 'department' ? ['under'] : []
  return [...under, ...own, ...(changes ? CHANGE_OPERATORS : [])]
}

export const shapeOf = (op: ClauseOp): ValueShape => SHAPES[op] ?? 'one'

/** An empty value of the shape that the operator wants. */
export function blankValue(op: ClauseOp): unknown {
  switch (shapeOf(op)) {
    case 'none':
      return undefined
    case 'many':
      return []
    case 'range':
      return [null, null]
    case 'span':
      return '7d'
    case 'period':
      return 'this_month'
    default:
      return null
  }
}

export function newClause(field: FieldDefinition): Clause {
  const op = operatorsOf(field)[0] as ClauseOp
  return { field: field.name, op, value: kindOf(field) === 'boolean' ? true : blankValue(op) }
}

/** The clause with another operator; the value stays where its shape allows. */
export function withOperator(clause: Clause, op: ClauseOp): Clause {
  const keeps = shapeOf(op) === shapeOf(clause.op)
  return { field: clause.field, op, value: keeps ? clause.value : blankValue(op) }
}

/** Whether a clause says enough to be asked. */
export function isComplete(clause: Clause): boolean {
  const { value } = clause
  switch (shapeOf(clause.op)) {
    case 'none':
      return true
    case 'many':
      return Array.isArray(value) && value.length > 0
    case 'range':
      return Array.isArray(value) && value.length === 2 && value.every((end) => end !== null && end !== '')
    default:
      return value !== null && value !== undefined && value !== ''
  }
}
