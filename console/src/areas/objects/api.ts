/** Objects and fields as those see them who shape them: with every type under its own name. */
import { http, newIdempotencyKey } from '@/api/http'
import type { FieldDefinition, FieldOptions, FieldType, ObjectDefinition, Page, Text } from '@/api/types'

const OBJECTS = '/api/customer/v1/objects'
const below = (object: string, rest = '') => `${OBJECTS}/${encodeURIComponent(object)}${rest}`

export type DefinedType = FieldType | 'formula' | 'rollup'

export interface DefinedOptions extends FieldOptions {
  pattern?: string
  country?: string
}

export interface DefinedField extends Omit<FieldDefinition, 'type' | 'options'> {
  type: DefinedType
  options: DefinedOptions
  message?: Text
  /** Of a field that was just made or changed: `adding` while its index is built. */
  state?: 'ready' | 'adding'
}

export interface DefinedObject extends Omit<ObjectDefinition, 'fields'> {
  fields: DefinedField[]
}

export interface FieldBody {
  name?: string | null
  type?: DefinedType
  label?: Text
  help?: Text
  message?: Text
  required?: boolean
  unique?: boolean
  indexed?: boolean
  default?: unknown
  options?: DefinedOptions
}

export interface ObjectBody {
  name?: string | null
  label?: Text
  plural?: Text
  icon?: string
  title_field?: string
  position?: number
  fields?: FieldBody[]
  list_fields?: string[]
}

export interface BinnedField {
  id: string
  name: string
  type: DefinedType
  label: Text
  deleted_at: string
  purged_at: string
}

export interface Settling {
  settled: boolean
  fields: { name: string; type: DefinedType; label: Text }[]
  indexes: { name: string; field: string | null; unique: boolean; progress: number | null }[]
}

export async function fetchDefinitions(): Promise<DefinedObject[]> {
  return (await http.get<Page<DefinedObject>>(OBJECTS)).items
}

export const fetchDefinition = (object: string) => http.get<DefinedObject>(below(object))

export const createObject = (body: ObjectBody) =>
  http.post<DefinedObject>(OBJECTS, body, { idempotencyKey: newIdempotencyKey() })

export const changeObject = ({ name, version }: DefinedObject, changes: ObjectBody) =>
  http.patch<DefinedObject>(below(name), changes, { ifMatch: version })

export const deleteObject = ({ name, version }: DefinedObject) => http.delete(below(name), { ifMatch: version })

export const addField = (object: string, body: FieldBody) =>
  http.post<DefinedField>(below(object, '/fields'), body, { idempotencyKey: newIdempotencyKey() })

export const changeField = (object: string, field: string, changes: FieldBody) =>
  http.patch<DefinedField>(below(object, `/fields/${encodeURIComponent(field)}`), changes)

export const deleteField = (object: string, field: string) =>
  http.delete(below(object, `/fields/${encodeURIComponent(field)}`))

export const orderFields = (object: string, fields: string[]) =>
  http.put<DefinedObject>(below(object, '/field-order'), { fields })

export async function fetchBin(object: string): Promise<BinnedField[]> {
  return (await http.get<Page<BinnedField>>(below(object, '/bin'))).items
}

export const restoreField = (object: string, id: string, name: string | null) =>
  http.post<DefinedField>(below(object, `/bin/${encodeURIComponent(id)}/restore`), { name })

export const purgeField = (object: string, id: string) => http.delete(below(object, `/bin/${encodeURIComponent(id)}`))

export const fetchSettling = (object: string) => http.get<Settling>(below(object, '/settling'))
