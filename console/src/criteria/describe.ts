/** Says a clause in words: `Region is one of East, North`. The caller brings language, names and formats. */
import type { FieldDefinition, Money } from '@/api/types'
import type { Clause } from './model'
import { kindOf, shapeOf } from './operators'

export interface Speaker {
  t: (key: string, params?: Record<string, unknown>) => string
  /** The label of a field's value: a choice, a person, a date. */
  value: (field: FieldDefinition, value: unknown) => string
}

const SPAN = /^(\d+)([mhdw])$/

/** The words for an operator; dates have their own for before and after. */
export function operatorKey(field: FieldDefinition | undefined, op: string): string {
  if (field && kindOf(field) === 'time' && ['gte', 'lt', 'gt', 'lte', 'eq'].includes(op)) return `criteria.time.${op}`
  if (field && (kindOf(field) === 'choice' || kindOf(field) === 'link') && ['in', 'not_in'].includes(op))
    return `criteria.pick.${op}`
  return `criteria.op.${op}`
}

export function valueWords(speaker: Speaker, field: FieldDefinition, clause: Clause): string {
  const { value } = clause
  switch (shapeOf(clause.op)) {
    case 'none':
      return ''
    case 'many':
      return (Array.isArray(value) ? value : [value])
        .map((one) => single(speaker, field, one))
        .join(speaker.t('fields.listSeparator'))
    case 'range':
      return (value as unknown[]).map((one) => single(speaker, field, one)).join(' – ')
    case 'span':
      return spanWords(speaker, String(value))
    case 'period':
      return periodWords(speaker, field, String(value))
    default:
      return single(speaker, field, value)
  }
}

function single(speaker: Speaker, field: FieldDefinition, value: unknown): string {
  if (value === '$me') return speaker.t('criteria.me')
  if (value === '$my_department') return speaker.t('criteria.myDepartment')
  return speaker.value(field, value)
}

function spanWords(speaker: Speaker, value: string): string {
  const [, count, unit] = SPAN.exec(value) ?? []
  return unit ? speaker.t(`criteria.span.${unit}`, { count }) : value
}

function periodWords(speaker: Speaker, field: FieldDefinition, value: string): string {
  return /^\d{4}-/.test(value) ? speaker.value(field, value) : speaker.t(`criteria.period.${value}`)
}

/** Money conditions compare amounts in the field's own currency. */
export function asMoney(field: FieldDefinition, amount: unknown): Money {
  return { amount: String(amount), currency: field.options.currency ?? 'CNY' }
}
