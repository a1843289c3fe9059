/** Fields of related records, described like fields of their own: `customer_id.level` reads "Customer › Level". */
import type { FieldDefinition, Text } from '@/api/types'
import { withMoneyParts, withParts } from './parts'

/** A field that conditions may speak of; `via` names the reference that leads to it. */
export interface OfferedField extends FieldDefinition {
  via?: Text
}

type FieldsOf = (object: string) => FieldDefinition[]

const LANGUAGES = ['en', 'zh-CN'] as const
const nameIn = (label: Text, language: (typeof LANGUAGES)[number], fallback: string) =>
  label[language] ?? label.en ?? label['zh-CN'] ?? fallback

const readable = (fields: FieldDefinition[]) => fields.filter((field) => field.access !== 'masked')

/** The readable fields of an object, and behind each of its references those of the other object. */
export function reachable(fieldsOf: FieldsOf, object: string, far: boolean): OfferedField[] {
  const own = withParts(readable(fieldsOf(object)))
  return far ? [...own, ...own.flatMap((reference) => beyond(fieldsOf, reference))] : own
}

function beyond(fieldsOf: FieldsOf, reference: FieldDefinition): OfferedField[] {
  if (reference.type !== 'reference' || !reference.options.object) return []
  return withParts(readable(fieldsOf(reference.options.object))).map((field) => behind(reference, field))
}

function behind(reference: FieldDefinition, field: FieldDefinition): OfferedField {
  const label = Object.fromEntries(
    LANGUAGES.map((one) => [
      one,
      `${nameIn(reference.label, one, reference.name)} › ${nameIn(field.label, one, field.name)}`,
    ]),
  )
  return { ...field, name: `${reference.name}.${field.name}`, label, via: reference.label }
}

/** The field at the end of a path from one of these fields. */
export function fieldAt(fieldsOf: FieldsOf, fields: FieldDefinition[], path: string): FieldDefinition | undefined {
  const own = withMoneyParts(withParts(fields)).find((field) => field.name === path)
  if (own) return own
  const [root, ...rest] = path.split('.')
  const reference = fields.find((field) => field.name === root)
  if (reference?.type !== 'reference' || !rest.length) return undefined
  const found = fieldAt(fieldsOf, fieldsOf(reference.options.object ?? ''), rest.join('.'))
  return found && behind(reference, found)
}
