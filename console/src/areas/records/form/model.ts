/** The state of a form over any object: values, what was touched, what is wrong, and what to send. */
import { computed, reactive, ref } from 'vue'
import type { FieldDefinition, FormSection, ObjectDefinition, RecordData } from '@/api/types'
import { isProblem } from '@/api/problem'
import { t } from '@/i18n'
import { isWritable, withSystemFields } from '@/metadata/systemFields'
import { copyOf, isEmpty, sameValue } from '@/metadata/values'

export type Values = Record<string, unknown>

/** Where problems point inside a request body. */
const PREFIXES = ['values', 'body', 'json']

export interface Section {
  label: FormSection['label'] | null
  columns: number
  fields: FieldDefinition[]
}

/** The form's sections: as designed, then what no section names, then who is responsible. */
export function sectionsOf(object: ObjectDefinition, keep: (field: FieldDefinition) => boolean): Section[] {
  const fields = new Map(withSystemFields(object).map((field) => [field.name, field]))
  const placed = new Set(object.form_sections.flatMap((section) => section.fields))
  const pick = (names: string[]) => names.flatMap((name) => fields.get(name) ?? []).filter(keep)
  const rest = [...fields.values()]
    .filter((field) => !field.system && !placed.has(field.name))
    .map((field) => field.name)
  const owner = placed.has('owner_id') ? [] : ['owner_id']
  return [
    ...object.form_sections.map((section) => ({
      label: section.label,
      columns: section.columns ?? 2,
      fields: pick(section.fields),
    })),
    { label: null, columns: 2, fields: pick([...rest, ...owner]) },
  ].filter((section) => section.fields.length > 0)
}

/** The heading of the section that nobody designed. */
export function lastTitle(section: Section): string {
  return section.fields.every((field) => field.name === 'owner_id') ? 'records.assignment' : 'records.otherFields'
}

/** Fields that a person fills in: writable, and not those that the conversion sets. */
export function isEntered(object: ObjectDefinition): (field: FieldDefinition) => boolean {
  const set = new Set(Object.keys(object.conversion?.references ?? {}))
  return (field) => isWritable(field) && !set.has(field.name)
}

export function useForm(fields: () => FieldDefinition[]) {
  const values = reactive<Values>({})
  const errors = ref<Record<string, string>>({})
  const mistakes = reactive<Record<string, boolean>>({})
  let base: Values = {}

  const changed = computed(() => changesFrom(base, values, fields()))
  const dirty = computed(() => Object.keys(changed.value).length > 0)

  function start(from: Values): void {
    for (const name of Object.keys(values)) delete values[name]
    base = Object.fromEntries(fields().map((field) => [field.name, from[field.name] ?? null]))
    Object.assign(values, copyOf(base))
    errors.value = {}
  }

  function set(name: string, value: unknown): void {
    values[name] = value
    const { [name]: _gone, ...others } = errors.value
    errors.value = others
  }

  /** Marks what is missing or no number; true when nothing is. */
  function check(): boolean {
    const found: Record<string, string> = {}
    for (const field of fields()) {
      if (field.required && isEmpty(values[field.name])) found[field.name] = t('common.required')
      if (mistakes[field.name]) found[field.name] = t('records.notANumber')
    }
    errors.value = found
    return Object.keys(found).length === 0
  }

  /** Puts a refusal's field errors at their fields; what belongs to no field is returned. */
  function refuse(error: unknown): string[] {
    if (!isProblem(error)) return []
    const byField = error.byField(...PREFIXES)
    const known = new Set(fields().map((field) => field.name))
    errors.value = Object.fromEntries(Object.entries(byField).filter(([name]) => known.has(name)))
    return Object.entries(byField)
      .filter(([name]) => !known.has(name))
      .map(([, detail]) => detail)
  }

  return { values, errors, mistakes, changed, dirty, start, set, check, refuse }
}

/** Only what differs, with null for what was emptied. */
export function changesFrom(base: Values, values: Values, fields: FieldDefinition[]): Values {
  const names = fields.map((field) => field.name).filter((name) => !sameValue(base[name], values[name]))
  return Object.fromEntries(names.map((name) => [name, isEmpty(values[name]) ? null : values[name]]))
}

/** What a new record starts with: the fields' defaults, then what the caller presets. */
export function initialValues(fields: FieldDefinition[], preset: Values): Values {
  const defaults = fields.filter((field) => !isEmpty(field.default)).map((field) => [field.name, field.default])
  return { ...Object.fromEntries(defaults), ...preset }
}

export const labelsOf = (record: RecordData | null | undefined) => record?._labels ?? {}
