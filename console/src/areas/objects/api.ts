/** Objects and fields as those see them who shape them: with every type under its own name. */
import { http, newIdempotencyKey } from '@/api/http'
import type {
  ChoiceStage,
  FieldDefinition,
  FieldOptions,
  FieldType,
  ObjectDefinition,
  Page,
  RecordLock,
  Text,
} from '@/api/types'

const OBJECTS = '/api/customer/v1/objects'
const OBJECT_BIN = '/api/customer/v1/object-bin'
const below = (object: string, rest = '') => `${OBJECTS}/${encodeURIComponent(object)}${rest}`

export type DefinedType = FieldType | 'formula' | 'rollup'

export interface DefinedOptions extends FieldOptions {
  pattern?: string
  country?: string
  /** Of a reference: what who sees the record that it points at may do with the one that points. */
  follow?: 'read' | 'write'
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
  personal?: boolean | null
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
  group?: string | null
  fields?: FieldBody[]
  list_fields?: string[]
  lock?: RecordLock | null
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
  conversions: { field: string; type: DefinedType; done: number; total: number | null; unfit: number }[]
}

export interface TypeBody {
  type: DefinedType
  options: DefinedOptions
}

/** What would become of the values of a field under another type; nothing is told of values that are hidden. */
export interface TypePreview {
  fits: number | null
  unfit: number | null
  /** All values were looked at. */
  complete: boolean
  examples: { id: string; title: string | null; value: unknown; code: string; detail: string }[]
}

/** A place that needs an object or a field; a blocking one has to go first. */
export interface Use {
  kind: string
  object: string | null
  field: string | null
  id: string | null
  name: Text | null
  blocking: boolean
}

export interface Uses {
  items: Use[]
  /** Services that did not answer, so that nobody takes their silence for a no. */
  silent: string[]
}

export interface BinnedObject {
  name: string
  label: Text
  icon: string
  deleted_at: string
  purged_at: string
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

export interface StageBody {
  value: string
  stage: ChoiceStage | null
}

/** Every choice of a field in its order, with what it means as a stage. */
export const changeStages = (object: string, field: string, stages: StageBody[]) =>
  http.put<DefinedField>(below(object, `/fields/${encodeURIComponent(field)}/stages`), { stages })

export const deleteField = (object: string, field: string) =>
  http.delete(below(object, `/fields/${encodeURIComponent(field)}`))

const ofType = (object: string, field: string) => below(object, `/fields/${encodeURIComponent(field)}/type`)

export const previewType = (object: string, field: string, body: TypeBody) =>
  http.post<TypePreview>(`${ofType(object, field)}/preview`, body)

export const changeType = (object: string, field: string, body: TypeBody) =>
  http.post<DefinedField>(ofType(object, field), body)

export const cancelTypeChange = (object: string, field: string) => http.delete(ofType(object, field))

export const orderFields = (object: string, fields: string[]) =>
  http.put<DefinedObject>(below(object, '/field-order'), { fields })

export async function fetchBin(object: string): Promise<BinnedField[]> {
  return (await http.get<Page<BinnedField>>(below(object, '/bin'))).items
}

/** `replace` puts the field in the place of the present one of its name, which goes to the bin. */
export const restoreField = (object: string, id: string, name: string | null, replace = false) =>
  http.post<DefinedField>(below(object, `/bin/${encodeURIComponent(id)}/restore`), { name, replace })

export const purgeField = (object: string, id: string) => http.delete(below(object, `/bin/${encodeURIComponent(id)}`))

export const fetchUses = (object: string, field?: string) =>
  http.get<Uses>(below(object, field ? `/fields/${encodeURIComponent(field)}/uses` : '/uses'))

export async function fetchObjectBin(): Promise<BinnedObject[]> {
  return (await http.get<Page<BinnedObject>>(OBJECT_BIN)).items
}

export const restoreObject = (object: string) =>
  http.post<DefinedObject>(`${OBJECT_BIN}/${encodeURIComponent(object)}/restore?needed=true`)

export const purgeObject = (object: string) => http.delete(`${OBJECT_BIN}/${encodeURIComponent(object)}`)

export const fetchSettling = (object: string) => http.get<Settling>(below(object, '/settling'))
