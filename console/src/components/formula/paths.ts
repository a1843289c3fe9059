/** What a formula about an object may name: its fields, and those of the records that its references lead to. */
import type { FieldDefinition, ObjectDefinition } from '@/api/types'

const UNNAMED = new Set(['updated_at', 'updated_by'])
const UNSPOKEN = new Set(['reference_list', 'address'])

export interface PathChoice {
  path: string
  field: FieldDefinition
  /** The references that lead there, outermost first. */
  along: FieldDefinition[]
}

export function pathsOf(
  object: string,
  fieldsOf: (name: string) => FieldDefinition[],
  objectOf: (name: string) => ObjectDefinition | undefined,
): PathChoice[] {
  const own = spoken(fieldsOf(object)).map((field): PathChoice => ({ path: field.name, field, along: [] }))
  const beyond = own.flatMap(({ field }) => {
    const target = field.type === 'reference' ? field.options.object : undefined
    if (!target || !objectOf(target)) return []
    return spoken(fieldsOf(target)).map((one) => ({ path: `${field.name}.${one.name}`, field: one, along: [field] }))
  })
  return [...own, ...beyond]
}

const spoken = (fields: FieldDefinition[]) =>
  fields.filter((field) => !UNNAMED.has(field.name) && !UNSPOKEN.has(field.type) && field.access !== 'none')

/** A text with something put in place of the selection, and where the cursor goes: between brackets that wait. */
export function inserted(text: string, start: number, end: number, what: string): { text: string; cursor: number } {
  const inside = what.endsWith('()') ? 1 : 0
  return { text: text.slice(0, start) + what + text.slice(end), cursor: start + what.length - inside }
}
