/** Which fields of two objects can be held against each other, so that a roll-up finds its records by them. */
import type { FieldDefinition, FieldType, MatchPair, MatchPeriod } from '@/api/types'

const COMPARED: FieldType[] = [
  'text',
  'phone',
  'email',
  'choice',
  'integer',
  'boolean',
  'date',
  'user',
  'department',
  'reference',
]
const MOST_PAIRS = 5
const UNREADABLE = ['version', 'updated_at', 'updated_by']

/** Fields of the other object that can be one side of a pair. */
export const comparable = (fields: FieldDefinition[]): FieldDefinition[] =>
  fields.filter((field) => COMPARED.includes(field.type) && !UNREADABLE.includes(field.name))

/** Fields of this object that hold the same kind of value as one of the other. */
export const counterparts = (fields: FieldDefinition[], other: FieldDefinition | undefined): FieldDefinition[] =>
  other
    ? comparable(fields).filter((field) => field.type === other.type && field.options.object === other.options.object)
    : []

export const datesOf = (fields: FieldDefinition[], ...types: FieldType[]): FieldDefinition[] =>
  fields.filter((field) => types.includes(field.type) && !UNREADABLE.includes(field.name))

export const canAdd = (pairs: MatchPair[]): boolean => pairs.length < MOST_PAIRS

/** Pairs and period as they are sent: without what was left empty. */
export function tidyMatch(pairs: MatchPair[] | undefined): MatchPair[] | undefined {
  const whole = (pairs ?? []).filter((pair) => pair.field || pair.own)
  return whole.length ? whole : undefined
}

export const tidyPeriod = (period: MatchPeriod | undefined): MatchPeriod | undefined =>
  period && (period.field || period.from || period.to) ? period : undefined
