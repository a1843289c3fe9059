/** What the head of a record's page shows besides its title. */
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import { withSystemFields } from '@/metadata/systemFields'

const STAGES = ['stage', 'status']
const FEWEST = 3
/** Values that end a way instead of lying on it: being past them says nothing. */
const ENDS = /^(won|lost|converted|unqualified|dormant|churned|inactive|cancelled|closed)/
const MOST_KEY_FIELDS = 5

/** The choice that a record walks through: a writable, required or coloured `stage` or `status`. */
export function stageField(object: ObjectDefinition): FieldDefinition | null {
  for (const name of STAGES) {
    const field = object.fields.find((one) => one.name === name && one.type === 'choice')
    if (field && field.access !== 'none' && (field.options.choices?.length ?? 0) >= FEWEST) return field
  }
  return null
}

/** A few fields worth seeing first: the list's own, without title, stage and what stands below as key figures. */
export function keyFields(object: ObjectDefinition): FieldDefinition[] {
  const stage = stageField(object)?.name
  const fields = new Map(withSystemFields(object).map((field) => [field.name, field]))
  const apart = (name: string) =>
    fields.get(name)?.calculated === 'rollup' || name === object.title_field || name === stage
  const names = object.list_fields.filter((name) => !apart(name))
  const withOwner = names.includes('owner_id') ? names : [...names, 'owner_id']
  const chosen = withOwner.filter((name) => name !== 'created_at').slice(0, MOST_KEY_FIELDS + 1)
  const kept = chosen.includes('owner_id') ? chosen : [...chosen.slice(0, MOST_KEY_FIELDS), 'owner_id']
  return kept.flatMap((name) => fields.get(name) ?? [])
}

/** Whether a stage counts as passed when the record stands at a later one. */
export const isPassed = (value: string, index: number, at: number) => index < at && !ENDS.test(value)
