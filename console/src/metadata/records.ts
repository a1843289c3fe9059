/** Reading records with the help of their object's definition. */
import type { ObjectDefinition, RecordData } from '@/api/types'
import { t } from '@/i18n'

/** What a record is called: its title field, or a word that says it has none. */
export function titleOf(object: ObjectDefinition | undefined, record: RecordData): string {
  const value = object ? record[object.title_field] : undefined
  if (typeof value === 'string' && value.trim()) return value
  if (typeof value === 'number') return String(value)
  return t('common.untitled')
}

/** The name of a person, department or record that a field of this record refers to. */
export function labelFor(labels: Record<string, string> | undefined, field: string): string | undefined {
  return labels?.[field] || undefined
}
