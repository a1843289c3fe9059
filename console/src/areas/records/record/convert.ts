/** What a conversion will create, worked out from the object's definition before anything is asked of the server. */
import type { DuplicateMatch } from '@/api/customer'
import type { Conversion, FieldDefinition, ObjectDefinition, RecordData } from '@/api/types'
import { isWritable, withSystemFields } from '@/metadata/systemFields'
import { copyOf, isEmpty, sameValue } from '@/metadata/values'

export interface Target {
  object: ObjectDefinition
  fields: FieldDefinition[]
  values: Record<string, unknown>
  /** The values as the definition maps them; only differences are sent. */
  mapped: Record<string, unknown>
  skipped: boolean
  /** A record that is there already and is used instead of a new one. */
  existing: DuplicateMatch | null
}

/** One target per object that the conversion creates: mapped fields first, then what the object requires. */
export function targetsOf(
  conversion: Conversion,
  record: RecordData,
  find: (name: string) => ObjectDefinition | undefined,
): Target[] {
  return conversion.creates.flatMap((step) => {
    const object = find(step.object)
    if (!object) return []
    const mapped = Object.fromEntries(Object.entries(step.fields).map(([to, from]) => [to, record[from] ?? null]))
    const fields = fieldsOf(object, Object.keys(mapped), Object.keys(step.references ?? {}))
    const defaults = Object.fromEntries(fields.map((field) => [field.name, field.default ?? null]))
    return [
      {
        object,
        fields,
        values: copyOf({ ...defaults, ...mapped }),
        mapped: { ...defaults, ...mapped },
        skipped: false,
        existing: null,
      },
    ]
  })
}

function fieldsOf(object: ObjectDefinition, mapped: string[], references: string[]): FieldDefinition[] {
  const all = withSystemFields(object).filter((field) => isWritable(field) && !references.includes(field.name))
  const chosen = all.filter((field) => mapped.includes(field.name))
  const required = all.filter((field) => field.required && !mapped.includes(field.name))
  return [...chosen, ...required]
}

/** The values that the person changed, or the record that is used instead, by object, as the call takes them. */
export function changedValues(targets: Target[]): Record<string, Record<string, unknown>> {
  const entries = targets
    .filter((target) => !target.skipped)
    .map((target) => [target.object.name, target.existing ? { id: target.existing.id } : differences(target)] as const)
    .filter(([, values]) => Object.keys(values).length > 0)
  return Object.fromEntries(entries)
}

function differences(target: Target): Record<string, unknown> {
  const changed = Object.entries(target.values).filter(([name, value]) => !sameValue(value, target.mapped[name]))
  return Object.fromEntries(changed.map(([name, value]) => [name, isEmpty(value) ? null : value]))
}

/** Names of required fields that are still empty; none of a record that is there already. */
export function missingFields(target: Target): string[] {
  if (target.existing) return []
  return target.fields
    .filter((field) => field.required && isEmpty(target.values[field.name]))
    .map((field) => field.name)
}
