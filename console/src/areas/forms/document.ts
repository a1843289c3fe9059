/** The sections of a form while they are designed: every step makes a new list, so that it can be undone. */
import type { LayoutSection, PlacedField } from '@/api/layouts'
import type { FieldDefinition } from '@/api/types'
import { isWide } from '@/metadata/values'

export type Sections = LayoutSection[]

/** Where something stands or shall stand: in which section, before which field. */
export interface Place {
  section: number
  index: number
}

export const newSection = (fields: PlacedField[] = []): LayoutSection => ({
  label: {},
  help: {},
  columns: 2,
  visible_when: null,
  required_when: null,
  fields,
})

export const newPlaced = (field: Pick<FieldDefinition, 'name' | 'type'>): PlacedField => ({
  field: field.name,
  width: isWide(field) ? 'full' : 'half',
  help: {},
  read_only: false,
  required: false,
  visible_when: null,
  required_when: null,
})

/** Where a field stands, or null. */
export function placeOf(sections: Sections, name: string): Place | null {
  for (const [section, { fields }] of sections.entries()) {
    const index = fields.findIndex(({ field }) => field === name)
    if (index >= 0) return { section, index }
  }
  return null
}

export const placedNames = (sections: Sections) =>
  new Set(sections.flatMap(({ fields }) => fields.map(({ field }) => field)))

/** The fields that stand above a section, or above a field. */
export function namesAbove(sections: Sections, section: number, field?: string): string[] {
  const names = sections.slice(0, section).flatMap(({ fields }) => fields.map((one) => one.field))
  const own = field ? (sections[section]?.fields.map((one) => one.field) ?? []) : []
  return [...names, ...own.slice(0, Math.max(own.indexOf(field ?? ''), 0))]
}

const withFields = (sections: Sections, at: number, change: (fields: PlacedField[]) => PlacedField[]): Sections =>
  sections.map((one, index) => (index === at ? { ...one, fields: change(one.fields) } : one))

/** Puts a field at a place: one that stands elsewhere moves there, a new one comes in. */
export function put(sections: Sections, field: Pick<FieldDefinition, 'name' | 'type'>, to: Place): Sections {
  const from = placeOf(sections, field.name)
  const item = from ? (sections[from.section]?.fields[from.index] as PlacedField) : newPlaced(field)
  const left = from ? without(sections, field.name) : sections
  const shifted = from && from.section === to.section && from.index < to.index ? to.index - 1 : to.index
  return withFields(left, to.section, (fields) => fields.toSpliced(shifted, 0, item))
}

export const without = (sections: Sections, name: string): Sections =>
  sections.map((one) => ({ ...one, fields: one.fields.filter(({ field }) => field !== name) }))

/** One step up or down; over the edge of a section into the next. */
export function step(sections: Sections, name: string, by: -1 | 1): Sections {
  const from = placeOf(sections, name)
  if (!from) return sections
  const { section, index } = from
  const fields = sections[section]?.fields ?? []
  const inside = index + by
  if (inside >= 0 && inside < fields.length) {
    const reordered = fields.toSpliced(index, 1).toSpliced(inside, 0, fields[index] as PlacedField)
    return withFields(sections, section, () => reordered)
  }
  const next = sections[section + by]
  if (!next) return sections
  return put(sections, { name, type: 'text' }, { section: section + by, index: by > 0 ? 0 : next.fields.length })
}

export const changeField = (sections: Sections, name: string, changes: Partial<PlacedField>): Sections =>
  sections.map((one) => ({
    ...one,
    fields: one.fields.map((item) => (item.field === name ? { ...item, ...changes } : item)),
  }))

export const changeSection = (sections: Sections, at: number, changes: Partial<LayoutSection>): Sections =>
  sections.map((one, index) => (index === at ? { ...one, ...changes } : one))

export function moveSection(sections: Sections, from: number, to: number): Sections {
  const item = sections[from]
  if (!item || to < 0 || to >= sections.length) return sections
  return sections.toSpliced(from, 1).toSpliced(to, 0, item)
}

/** What is said of fields that are gone leaves the document when it is opened. */
export const known = (sections: Sections, names: ReadonlySet<string>): Sections =>
  sections.map((one) => ({ ...one, fields: one.fields.filter(({ field }) => names.has(field)) }))
