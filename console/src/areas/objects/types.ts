/** The field types as people choose them, and which settings each of them has. */
import type { FieldDefinition } from '@/api/types'
import type { IconName } from '@/design/icons'
import type { DefinedField, DefinedOptions, DefinedType } from './api'

export type Setting =
  | 'max_length'
  | 'pattern'
  | 'range'
  | 'days'
  | 'places'
  | 'currency'
  | 'choices'
  | 'country'
  | 'object'
  | 'max_links'
  | 'max_files'
  | 'number'
  | 'formula'
  | 'rollup'

export interface TypeInfo {
  type: DefinedType
  group: TypeGroup
  icon: IconName
  settings: Setting[]
  unique?: boolean
  indexed?: boolean
  /** Whether people give the values: such a field can be required and have a default. */
  given: boolean
  default: boolean
}

export const GROUPS = ['words', 'numbers', 'time', 'choices', 'people', 'links', 'files', 'calculated'] as const
export type TypeGroup = (typeof GROUPS)[number]

type Row = [DefinedType, TypeGroup, IconName, Setting[], { u?: true; i?: true; auto?: true; plain?: true }?]

const ROWS: Row[] = [
  ['text', 'words', 'edit', ['max_length', 'pattern'], { u: true, i: true }],
  ['long_text', 'words', 'note', ['max_length', 'pattern']],
  ['phone', 'words', 'phone', ['country', 'pattern'], { u: true, i: true }],
  ['email', 'words', 'mail', ['pattern'], { u: true, i: true }],
  ['url', 'words', 'globe', ['pattern']],
  ['address', 'words', 'mapPin', []],
  ['region', 'words', 'tree', [], { i: true }],
  ['integer', 'numbers', 'list', ['range'], { u: true, i: true }],
  ['decimal', 'numbers', 'chart', ['places', 'range'], { i: true }],
  ['money', 'numbers', 'briefcase', ['currency', 'range'], { i: true }],
  ['percent', 'numbers', 'pulse', ['range'], { i: true }],
  ['date', 'time', 'calendar', ['days'], { i: true }],
  ['datetime', 'time', 'clock', ['days'], { i: true }],
  ['choice', 'choices', 'tag', ['choices'], { i: true }],
  ['multi_choice', 'choices', 'layers', ['choices']],
  ['boolean', 'choices', 'checkSquare', [], { i: true }],
  ['user', 'people', 'user', [], { i: true }],
  ['department', 'people', 'users', [], { i: true }],
  ['reference', 'links', 'link', ['object'], { i: true, plain: true }],
  ['reference_list', 'links', 'copy', ['object', 'max_links'], { plain: true }],
  ['file', 'files', 'file', ['max_files'], { plain: true }],
  ['image', 'files', 'eye', ['max_files'], { plain: true }],
  ['auto_number', 'calculated', 'key', ['number'], { u: true, i: true, auto: true }],
  ['formula', 'calculated', 'bolt', ['formula'], { auto: true }],
  ['rollup', 'calculated', 'funnel', ['rollup'], { auto: true }],
]

export const TYPES: TypeInfo[] = ROWS.map(([type, group, icon, settings, how = {}]) => ({
  type,
  group,
  icon,
  settings,
  unique: how.u,
  indexed: how.i,
  given: !how.auto,
  default: !how.auto && !how.plain,
}))

const BY_TYPE = new Map(TYPES.map((info) => [info.type, info]))

export const infoOf = (type: DefinedType): TypeInfo => BY_TYPE.get(type) ?? (TYPES[0] as TypeInfo)

export const has = (type: DefinedType, setting: Setting) => infoOf(type).settings.includes(setting)

/** Types between which values can be carried over. */
export const CONVERTIBLE: DefinedType[] = TYPES.map((info) => info.type).filter(
  (type) => !['address', 'user', 'department', 'reference', 'reference_list', 'file', 'image'].includes(type),
)
export const TARGETS = CONVERTIBLE.filter((type) => infoOf(type).given)

/** Types of what a formula can give. */
export const RESULTS = [
  'text',
  'integer',
  'decimal',
  'percent',
  'money',
  'date',
  'datetime',
  'boolean',
  'choice',
] as const

/** What a new field of a type begins with. */
export function firstOptions(type: DefinedType): DefinedOptions {
  if (has(type, 'choices')) return { choices: [] }
  if (type === 'formula') return { expression: '', result: 'decimal', scale: 2 }
  if (type === 'rollup') return { function: 'count', result: 'integer' }
  if (type === 'decimal') return { scale: 2 }
  if (type === 'auto_number') return { prefix: '', digits: 6 }
  return {}
}

/** The field as inputs and cells take it: of the type of its values. */
export const asInput = (
  field: Pick<DefinedField, 'type' | 'options' | 'label'> & { name?: string },
): FieldDefinition => ({
  name: field.name ?? '',
  type: field.type === 'formula' || field.type === 'rollup' ? (field.options.result ?? 'text') : field.type,
  label: field.label,
  required: false,
  unique: false,
  position: 0,
  options: field.options,
})
