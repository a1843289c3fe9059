/** Values that a new record takes from the record that the rule is about: a copy of a field, or a formula over them. */
import type { FieldDefinition } from '@/api/types'

export type Taken = { from: string } | { formula: string }

const TEXTS = ['text', 'long_text', 'phone', 'email', 'url', 'region']

export const isTaken = (value: unknown): value is Taken =>
  typeof value === 'object' && value !== null && ('from' in value || 'formula' in value)

/** The field or the formula that a value is taken from, or null for a value of its own. */
export const takenFrom = (value: unknown): string | null =>
  isTaken(value) ? ('from' in value ? value.from : value.formula) : null

const FORMULA_GIVES = [...TEXTS, 'integer', 'decimal', 'percent', 'money', 'date', 'datetime', 'boolean', 'choice']
export const hasFormula = (field: FieldDefinition) => FORMULA_GIVES.includes(field.type)

function goesInto(field: FieldDefinition, source: FieldDefinition): boolean {
  const kind: string = source.type
  if (field.type === 'reference') return kind === 'reference' && source.options.object === field.options.object
  if (TEXTS.includes(field.type)) return [...TEXTS, 'auto_number'].includes(kind)
  return kind === field.type || (field.type === 'decimal' && kind === 'integer')
}

/** The fields of the rule's record that fit into a field of the new one; `id` is the record itself. */
export function sourcesFor(field: FieldDefinition, object: string, fields: FieldDefinition[]): string[] {
  const own = fields.filter((source) => source.name !== 'id' && goesInto(field, source)).map(({ name }) => name)
  return field.type === 'reference' && field.options.object === object ? ['id', ...own] : own
}
