/**
 * Judges a record by criteria in the browser, with the semantics of docs/reference/criteria.md: while somebody types, a
 * form shows and demands what the server will demand. Cases that both must judge alike: tests/data/criteria/cases.json.
 */
import type { FieldDefinition } from '@/api/types'
import type { Clause, ClauseOp, Criteria, Related } from './model'
import { compareDecimals, isDecimal } from './decimals'
import { intervalOf, liesWithin } from './moments'
import { kindOf } from './operators'

export interface Scope {
  /** Milliseconds. */
  now: number
  timezone: string
  userId: string | null
  departmentId: string | null
  /** The departments below one. */
  below: (department: string) => string[]
  /** Whether a condition over related records holds; without it, as if there were none. */
  related?: (condition: Asked, record: Values) => boolean
}

/** A condition over related records: behind a reference, or about those that refer to this one. */
export type Asked = Clause | Related

export type Fields = ReadonlyMap<string, FieldDefinition>
type Values = Record<string, unknown>

const COMPLEMENTS: Partial<Record<ClauseOp, ClauseOp>> = {
  ne: 'eq',
  not_in: 'in',
  not_contains: 'contains',
  has_none: 'has_any',
  is_empty: 'is_set',
}

/** Whether the record satisfies the criteria; a clause over a field that is not there does not hold. */
export function holds(criteria: Criteria, record: Values, fields: Fields, scope: Scope): boolean {
  if ('all' in criteria) return criteria.all.every((part) => holds(part, record, fields, scope))
  if ('any' in criteria) return criteria.any.some((part) => holds(part, record, fields, scope))
  if ('not' in criteria) return !holds(criteria.not, record, fields, scope)
  if ('related' in criteria || isBehind(criteria, fields))
    return scope.related?.(criteria, record) ?? holdsWithout(criteria)
  const positive = COMPLEMENTS[criteria.op]
  if (positive) return !judge({ ...criteria, op: positive }, record, fields, scope)
  return judge(criteria, record, fields, scope)
}

const isBehind = (clause: Clause, fields: Fields): boolean =>
  clause.field.includes('.') && fields.get(memberOf(clause))?.type === 'reference'

/** The member of the record on which the answer depends. */
export const memberOf = (condition: Asked): string =>
  'related' in condition ? 'id' : (condition.field.split('.')[0] ?? condition.field)

/** Whether a condition over related records holds when there are none. */
export const holdsWithout = (condition: Asked): boolean =>
  'related' in condition ? condition.op === 'none' : condition.op in COMPLEMENTS

function judge(clause: Clause, record: Values, fields: Fields, scope: Scope): boolean {
  const field = fieldOf(clause.field, fields)
  const value = field && valueOf(clause, field, record)
  if (!field || value === null || value === undefined || value === '') return false
  if (clause.op === 'is_set') return !(Array.isArray(value) && value.length === 0)
  switch (kindOf(field)) {
    case 'number':
      return isDecimal(value) && judgeNumber(clause, value)
    case 'time':
      return typeof value === 'string' && liesWithin(value, intervalOf(clause, field.type === 'date', scope))
    case 'link':
      return membersOf(clause, scope).has(value as string)
    case 'multi':
      return Array.isArray(value) && judgeList(clause, value as string[])
    case 'boolean':
      return value === clause.value
    default:
      return typeof value === 'string' && judgeText(clause, value)
  }
}

/** The field of a clause, also inside money or an address and for the owner's department. */
function fieldOf(name: string, fields: Fields): FieldDefinition | undefined {
  const own = fields.get(name)
  if (own) return own
  if (name === 'owner.department') return fields.get('department_id')
  const [root, part] = name.split('.')
  const whole = fields.get(root ?? '')
  if (!whole || !part) return undefined
  return { ...whole, name, type: whole.type === 'money' && part === 'amount' ? 'decimal' : 'text' }
}

function valueOf({ field: name, value: wanted }: Clause, field: FieldDefinition, record: Values): unknown {
  if (name === 'owner.department') return record.department_id
  const [root, part] = name.split('.') as [string, string?]
  const value = record[root]
  if (part) return isObject(value) ? value[part] : null
  if (field.type === 'money') return moneyOf(field, value, wanted)
  return field.type === 'address' ? addressLine(value) : value
}

/** Money compares in the field's own currency; with 0 in all of them, since nothing is nothing in each. */
function moneyOf(field: FieldDefinition, value: unknown, wanted: unknown): unknown {
  if (!isObject(value)) return null
  const currency = isDecimal(wanted) && compareDecimals(wanted, 0) === 0 ? undefined : field.options.currency
  return currency && value.currency !== currency ? null : value.amount
}

/** The line by which addresses are compared, from large to small, as the server writes it. */
function addressLine(value: unknown): string | null {
  if (!isObject(value)) return null
  let line = ''
  for (const part of ['province', 'city', 'district', 'street', 'postal_code']) {
    const text = value[part]
    if (typeof text !== 'string' || !text || (part === 'city' && text === value.province)) continue
    const latin = line && (isAscii(line.at(-1)) || isAscii(text[0]))
    line += (latin ? ' ' : '') + text
  }
  return line || (typeof value.country === 'string' ? value.country : null)
}

const isAscii = (letter: string | undefined) => letter !== undefined && letter.charCodeAt(0) < 128
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function judgeNumber({ op, value: wanted }: Clause, value: string | number): boolean {
  const to = (other: unknown) => (isDecimal(other) ? compareDecimals(value, other) : Number.NaN)
  const [low, high] = Array.isArray(wanted) ? (wanted as unknown[]) : []
  switch (op) {
    case 'eq':
      return to(wanted) === 0
    case 'in':
      return (wanted as unknown[]).some((one) => to(one) === 0)
    case 'lt':
      return to(wanted) < 0
    case 'lte':
      return to(wanted) <= 0
    case 'gt':
      return to(wanted) > 0
    case 'gte':
      return to(wanted) >= 0
    default:
      return op === 'between' && to(low) >= 0 && to(high) <= 0
  }
}

function judgeText({ op, value: wanted }: Clause, value: string): boolean {
  switch (op) {
    case 'eq':
      return value === wanted
    case 'in':
      return (wanted as string[]).includes(value)
    case 'contains':
      return fold(value).includes(fold(String(wanted)))
    default:
      return op === 'starts_with' && fold(value).startsWith(fold(String(wanted)))
  }
}

function judgeList({ op, value: wanted }: Clause, value: string[]): boolean {
  if (op === 'has') return value.includes(wanted as string)
  const wishes = wanted as string[]
  if (op === 'has_any') return wishes.some((one) => value.includes(one))
  return op === 'has_all' && wishes.every((one) => value.includes(one))
}

function membersOf({ op, value }: Clause, scope: Scope): Set<string> {
  const variables: Record<string, string | null> = { $me: scope.userId, $my_department: scope.departmentId }
  const written = (Array.isArray(value) ? value : [value]) as string[]
  const ids = written.flatMap((one) => (one in variables ? (variables[one] ?? []) : one))
  return new Set(op === 'under' ? ids.flatMap((one) => [one, ...scope.below(one)]) : ids)
}

/** Ignoring case as chassis.criteria.folding does: one character stays one character. */
export function fold(text: string): string {
  return [...text].map(foldLetter).join('')
}

function foldLetter(letter: string): string {
  if (letter === 'ς') return 'σ'
  const lower = letter.toLowerCase()
  const kept = lower.length !== letter.length || (isAscii(lower) && !isAscii(letter))
  return kept ? letter : lower
}
