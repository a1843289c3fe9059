/** Reading records with the help of their object's definition. */
import type { FieldDefinition, ObjectDefinition, RecordData } from '@/api/types'
import { t } from '@/i18n'

/** What a record is called: its title field, or a word that says it has none. */
export function titleOf(object: ObjectDefinition | undefined, record: RecordData): string {
  const value = object ? record[object.title_field] : undefined
  if (typeof value === 'string' && value.trim()) return value
  if (typeof value === 'number') return String(value)
  return firstWords(object, record) || t('common.untitled')
}

const MOST_WORDS = 40

/** A record without a title is called after the first text it has. */
function firstWords(object: ObjectDefinition | undefined, record: RecordData): string {
  const texts = object?.fields.filter((field) => field.type === 'text' || field.type === 'long_text') ?? []
  const found = texts
    .map((field) => record[field.name])
    .find((value) => typeof value === 'string' && value.trim() !== '')
  return typeof found === 'string' ? [...found.trim()].slice(0, MOST_WORDS).join('') : ''
}

/** What says more of a record than its number, where that is its title: the first record that it belongs to. */
export function namedBy(object: ObjectDefinition): FieldDefinition | undefined {
  const title = object.fields.find((field) => field.name === object.title_field)
  if (title?.type !== 'auto_number') return undefined
  const links = object.fields.filter((field) => field.type === 'reference' && field.access !== 'none')
  return links.find((field) => object.list_fields.includes(field.name)) ?? links[0]
}

/** The title where a record stands without its other fields: beside a number the name of what it belongs to. */
export function titleWithName(object: ObjectDefinition, record: RecordData): string {
  const name = record._labels?.[namedBy(object)?.name ?? '']
  return name ? `${titleOf(object, record)} · ${name}` : titleOf(object, record)
}
