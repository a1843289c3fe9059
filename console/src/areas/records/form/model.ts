/** The state of a form over any object: values, what was touched, what is wrong, and what to send. */
import { computed, reactive, ref } from 'vue'
import type { LayoutSection, PlacedField, ShownLayout } from '@/api/layouts'
import type { FieldDefinition, ObjectDefinition, RecordData, Text } from '@/api/types'
import { isProblem } from '@/api/problem'
import type { Scope } from '@/criteria/evaluate'
import type { Criteria } from '@/criteria/model'
import { today } from '@/format/times'
import { t } from '@/i18n'
import { isWritable, withSystemFields } from '@/metadata/systemFields'
import { copyOf, isEmpty, isWide, sameValue } from '@/metadata/values'

export type Values = Record<string, unknown>

/** Where problems point inside a request body. */
const PREFIXES = ['values', 'body', 'json']

export interface Section {
  label: Text | null
  help?: Text
  columns: number
  fields: FormField[]
}

/** A field as a layout places it: with its own width and help, demanded or only shown as the layout says. */
export type FormField = FieldDefinition & { wide?: boolean; locked?: boolean }

/** Whether a condition of a layout holds for the record as it stands in the form. */
export type Judge = (criteria: Criteria) => boolean

/** The form's sections: as the layout has them, then what it does not place, then who is responsible. */
export function sectionsOf(
  object: ObjectDefinition,
  keep: (field: FormField) => boolean,
  layout: ShownLayout = standardLayout(object),
  judge: Judge = () => true,
): Section[] {
  const fields = new Map(withSystemFields(object).map((field) => [field.name, field]))
  const placed = new Set(layout.sections.flatMap((section) => section.fields.map(({ field }) => field)))
  const sections = layout.sections
    .filter(({ visible_when }) => !visible_when || judge(visible_when))
    .map((section) => ({
      label: section.label,
      help: section.help,
      columns: section.columns,
      fields: section.fields.flatMap((place) => shownField(fields.get(place.field), place, section, judge)),
    }))
  const rest = { label: null, columns: 2, fields: restOf(layout, [...fields.values()], placed) }
  return [...sections, rest]
    .map((section) => ({ ...section, fields: section.fields.filter(keep) }))
    .filter((section) => section.fields.length > 0)
}

function shownField(
  field: FieldDefinition | undefined,
  place: PlacedField,
  section: LayoutSection,
  judge: Judge,
): FormField[] {
  if (!field || (place.visible_when && !judge(place.visible_when))) return []
  const demands = [place.required_when, section.required_when].some((one) => one && judge(one))
  return [
    {
      ...field,
      wide: place.width === 'full',
      locked: place.read_only,
      access: place.read_only ? 'read' : field.access,
      required: !place.read_only && (field.required || place.required || demands),
      help: hasText(place.help) ? place.help : field.help,
    },
  ]
}

const hasText = (text: Text) => Object.values(text).some(Boolean)

/** Fields that the layout does not place. What the object itself demands is asked for in any case. */
function restOf(layout: ShownLayout, fields: FieldDefinition[], placed: Set<string>): FormField[] {
  const own = fields.filter((field) => !field.system && !placed.has(field.name))
  if (layout.rest === 'hide') return own.filter((field) => field.required && isEmpty(field.default))
  return [...own, ...fields.filter((field) => field.name === 'owner_id' && !placed.has('owner_id'))]
}

/** What counts until the server has said which layouts there are: the sections of the object. */
export function standardLayout(object: ObjectDefinition): ShownLayout {
  const nothing = { help: {}, visible_when: null, required_when: null }
  const fields = new Map(object.fields.map((field) => [field.name, field]))
  return {
    key: 'standard',
    version: object.version,
    label: {},
    criteria: null,
    rest: 'show',
    sections: object.form_sections.map((section) => ({
      ...nothing,
      label: section.label,
      columns: Math.min(section.columns ?? 2, 2),
      fields: section.fields.map((field) => ({
        ...nothing,
        field,
        width: isWide(fields.get(field) ?? { type: '' }) ? 'full' : 'half',
        read_only: false,
        required: false,
      })),
    })),
  }
}

/** The layout that applies: the first whose condition holds. */
export const applyingLayout = (candidates: ShownLayout[], judge: Judge): ShownLayout | undefined =>
  candidates.find(({ criteria }) => !criteria || judge(criteria))

/** The heading of the section that nobody designed. */
export function lastTitle(section: Section): string {
  return section.fields.every((field) => field.name === 'owner_id') ? 'records.assignment' : 'records.otherFields'
}

/** Fields that a person fills in: writable, and not those that the conversion sets. */
export function isEntered(object: ObjectDefinition): (field: FieldDefinition) => boolean {
  const set = new Set(Object.keys(object.conversion?.references ?? {}))
  return (field) => isWritable(field) && !set.has(field.name)
}

/** Fields that stand on a form: those, and what a layout shows for reading, once it has a value. */
export function isOnForm(object: ObjectDefinition, values: Values): (field: FormField) => boolean {
  const entered = isEntered(object)
  return (field) => (field.locked ? !isEmpty(values[field.name]) : entered(field))
}

/** `all` are the fields that may ever be filled in, `shown` those that are on the form as it stands. */
export function useForm(all: () => FieldDefinition[], shown: () => FieldDefinition[]) {
  const values = reactive<Values>({})
  const errors = ref<Record<string, string>>({})
  const mistakes = reactive<Record<string, boolean>>({})
  let base: Values = {}

  const changed = computed(() => changesFrom(base, values, shown()))
  const dirty = computed(() => Object.keys(changed.value).length > 0)

  function start(from: Values): void {
    for (const name of Object.keys(values)) delete values[name]
    base = Object.fromEntries(all().map((field) => [field.name, from[field.name] ?? null]))
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
    for (const field of shown()) {
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
    const known = new Set(shown().map((field) => field.name))
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

/** What a new record starts with: the fields' defaults as they are for this person now, then what the caller presets. */
export function initialValues(fields: FieldDefinition[], preset: Values, scope: Scope): Values {
  const defaults = fields.map((field) => [field.name, defaultOf(field, scope)]).filter(([, value]) => !isEmpty(value))
  return { ...Object.fromEntries(defaults), ...preset }
}

/** Defaults that are words stand for what they mean at this moment, to this person. */
function defaultOf({ default: given }: FieldDefinition, { now, timezone, userId, departmentId }: Scope): unknown {
  if (given === '$today') return today(timezone, now)
  if (given === '$now') return new Date(now).toISOString()
  if (given === '$me') return userId
  return given === '$my_department' ? departmentId : given
}

export const labelsOf = (record: RecordData | null | undefined) => record?._labels ?? {}
