/** Views without their look: what a list shows before anybody saved one, and which fields fit which place. */
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import type { IconName } from '@/design/icons'
import type { ViewBody, ViewKind } from './api'

/** In the address: no saved view, all records. */
export const EVERY = 'all'
/** In the address: the conditions of the saved view are taken away. */
export const NO_CRITERIA = 'none'

export const KIND_ICONS: Record<ViewKind, IconName> = { list: 'list', kanban: 'columns', calendar: 'calendar' }

const NUMBERS = new Set(['integer', 'decimal', 'percent', 'money'])
const UNSORTABLE = new Set(['long_text', 'multi_choice', 'reference_list', 'file', 'image'])

export const isNumber = (field: FieldDefinition) => NUMBERS.has(field.type)
export const isSortable = (field: FieldDefinition) => !UNSORTABLE.has(field.type)
export const isChoice = (field: FieldDefinition) => field.type === 'choice'
export const isTime = (field: FieldDefinition) => field.type === 'date' || field.type === 'datetime'

/** The columns that the object's definition names, the title first. */
export function standardBody(object: ObjectDefinition): ViewBody {
  const listed = object.list_fields.length ? object.list_fields : [object.title_field, 'owner_id', 'created_at']
  const names = listed.includes(object.title_field) ? listed : [object.title_field, ...listed]
  return {
    criteria: null,
    sort: [],
    columns: names.map((field) => ({ field, width: null })),
    frozen: 1,
    group_field: null,
    sum_field: null,
    date_field: null,
    end_field: null,
    color_field: null,
    totals: [],
  }
}

/** How wide a column is when nobody said so, in pixels. */
export function usualWidth(field: FieldDefinition, isTitle: boolean): number {
  if (isTitle) return 220
  if (field.type === 'long_text' || field.type === 'address') return 260
  if (isNumber(field) || field.type === 'boolean') return 130
  if (field.type === 'datetime' || field.type === 'user' || field.type === 'phone') return 160
  return field.type === 'date' ? 150 : 170
}

/** The next order when a head is clicked: up, down, and back to the list's own. */
export function nextSort(current: string, field: string): string {
  if (current === field) return `-${field}`
  return current === `-${field}` ? '' : field
}
