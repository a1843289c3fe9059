/**
 * Locked records, as the server judges them: what a lock closes is not offered for editing. Lines are locked with the
 * record that they are lines of; where that one is not at hand, the server says so.
 */
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import { holds, type Fields } from '@/criteria/evaluate'
import { SYSTEM_FIELDS, withSystemFields } from '@/metadata/systemFields'
import { useScope } from './scope'

type Values = Record<string, unknown>

const NEVER = new Set([...SYSTEM_FIELDS.map(({ name }) => name), 'pool_id', 'owner_since'])
const known = new WeakMap<ObjectDefinition, Fields>()

function fieldsOf(object: ObjectDefinition): Fields {
  const found = known.get(object) ?? new Map(withSystemFields(object).map((field) => [field.name, field]))
  known.set(object, found)
  return found
}

export function useLocks() {
  const scope = useScope()

  const isLocked = (object: ObjectDefinition, record: Values | null | undefined): boolean =>
    Boolean(object.lock && record) && holds(object.lock!.criteria, record!, fieldsOf(object), scope())

  /** Whether the lock of a record keeps a field as it is. */
  const isClosed = (object: ObjectDefinition, record: Values | null | undefined, field: FieldDefinition): boolean =>
    Boolean(object.lock) &&
    !NEVER.has(field.name) &&
    !object.lock!.open.includes(field.name) &&
    isLocked(object, record)

  return { isLocked, isClosed }
}
