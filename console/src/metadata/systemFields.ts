/** The fields that every record has, described like the others so that lists, filters and timelines treat all alike. */
import type { FieldDefinition, FieldType, ObjectDefinition, Text } from '@/api/types'

const system = (name: string, type: FieldType, en: string, zh: string, writable = false): FieldDefinition => ({
  name,
  type,
  label: { en, 'zh-CN': zh } satisfies Text,
  required: false,
  unique: false,
  position: 1000,
  options: {},
  access: writable ? 'write' : 'read',
  system: true,
})

export const SYSTEM_FIELDS: FieldDefinition[] = [
  system('owner_id', 'user', 'Owner', '负责人', true),
  system('department_id', 'department', 'Department', '所属部门'),
  system('created_at', 'datetime', 'Created', '创建时间'),
  system('created_by', 'user', 'Created by', '创建人'),
  system('updated_at', 'datetime', 'Last changed', '更新时间'),
  system('updated_by', 'user', 'Changed by', '更新人'),
]

/** The object's own readable fields in their order, then those system fields that it does not name itself. */
export function withSystemFields(object: ObjectDefinition): FieldDefinition[] {
  const own = object.fields.filter((field) => field.access !== 'none')
  const names = new Set(object.fields.map((field) => field.name))
  const ordered = [...own].sort((a, b) => a.position - b.position)
  return [...ordered, ...SYSTEM_FIELDS.filter((field) => !names.has(field.name))]
}

export const isWritable = (field: FieldDefinition) =>
  (field.access ?? 'write') === 'write' && field.type !== 'auto_number' && (!field.system || field.name === 'owner_id')
