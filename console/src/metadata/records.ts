/** Reading records with the help of their object's definition. */
import type { ObjectDefinition, RecordData } from '@/api/types'
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
