/** The rights of a role while they are edited: every object has a line, an object without actions is left out again. */
import type { ObjectAction } from '@/api/types'
import { ACTIONS, type Access, type ObjectRights } from '../../api/roles'

export type RightsByObject = Record<string, ObjectRights>

export const EVERY = '*'

export const NOTHING: ObjectRights = { actions: [], scope: 'own', fields: {} }

export const rightsOn = (all: RightsByObject, object: string): ObjectRights => all[object] ?? NOTHING

/** With another line for an object; a line that grants and restricts nothing says the same as none. */
export function withRights(all: RightsByObject, object: string, rights: ObjectRights): RightsByObject {
  const { [object]: _, ...others } = all
  const empty = !rights.actions.length && !Object.keys(rights.fields).length
  return empty && object === EVERY ? others : { ...others, [object]: rights }
}

export function toggled(rights: ObjectRights, action: ObjectAction): ObjectRights {
  const had = rights.actions.includes(action)
  return { ...rights, actions: ACTIONS.filter((one) => (one === action ? !had : rights.actions.includes(one))) }
}

/** With another access to a field; writing is what a field has unless something is said. */
export function withAccess(rights: ObjectRights, field: string, access: Access): ObjectRights {
  const { [field]: _, ...others } = rights.fields
  return { ...rights, fields: access === 'write' ? others : { ...others, [field]: access } }
}

export const restrictions = (rights: ObjectRights) =>
  Object.values(rights.fields).filter((access) => access !== 'write').length
