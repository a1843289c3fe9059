/** What the columns of a sheet may become: fields of the object, of objects that point at it, and the key. */
import type { FieldDefinition, Text } from '@/api/types'
import { isWritable } from '@/metadata/systemFields'
import { isEmpty } from '@/metadata/values'
import type { Mapping, Related } from './api'

export interface Target {
  name: string
  label: string
  required: boolean
}

export interface TargetGroup {
  /** The object that the targets belong to; empty for the imported one. */
  object: string
  label: string
  targets: Target[]
}

type Words = (label: Text | undefined) => string

/** The fields of an object as targets; those of another object carry its name. */
export function targetsOf(fields: FieldDefinition[], words: Words, related?: Related): Target[] {
  const prefix = related ? `${related.object}.` : ''
  return fields
    .filter((field) => isWritable(field) && field.name !== related?.link)
    .map((field) => ({
      name: prefix + field.name,
      label: words(field.label) || field.name,
      required: field.required && isEmpty(field.default),
    }))
}

/** What a new record would lack: of the object itself, and of the other objects that have columns. */
export function missingOf(groups: TargetGroup[], mapping: Mapping): Target[] {
  const used = new Set(Object.values(mapping))
  return groups
    .filter(({ object, targets }) => !object || targets.some(({ name }) => used.has(name)))
    .flatMap(({ targets }) => targets)
    .filter(({ name, required }) => required && !used.has(name))
}

/** The mapping without columns for what is no target any more. */
export function withoutStrangers(mapping: Mapping, groups: TargetGroup[]): Mapping {
  const known = new Set(groups.flatMap(({ targets }) => targets.map(({ name }) => name)))
  return Object.fromEntries(
    Object.entries(mapping).map(([column, name]) => [column, name !== null && known.has(name) ? name : null]),
  )
}
