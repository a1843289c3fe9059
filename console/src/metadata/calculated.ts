/** Calculated fields: everywhere in the console they look like fields of the type that they result in, read-only. */
import type { FieldDefinition, FieldType, ObjectDefinition } from '@/api/types'

const isCalculated = (type: string): type is 'formula' | 'rollup' => type === 'formula' || type === 'rollup'

/** The field as lists, forms and filters see it. */
export function asShown(field: FieldDefinition): FieldDefinition {
  const type: string = field.type
  if (field.options.managed) return { ...field, access: field.access === 'none' ? 'none' : 'read' }
  if (!isCalculated(type)) return field
  const access = field.access === 'none' ? 'none' : 'read'
  return { ...field, type: field.options.result ?? 'text', calculated: type, access }
}

/** The type that the definition names: what has to be sent back when the field is changed. */
export const definedType = (field: FieldDefinition): FieldType | 'formula' | 'rollup' => field.calculated ?? field.type

/** An object whose calculated fields are as they are shown. */
export const withShownFields = (object: ObjectDefinition): ObjectDefinition => ({
  ...object,
  fields: object.fields.map(asShown),
})
