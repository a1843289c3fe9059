/** Roles: permissions, and for each object actions, a data scope and field rules. */
import { http, newIdempotencyKey } from '@/api/http'
import type { ObjectAction, Text } from '@/api/types'
import { fetchWhole } from './pages'

const ROLES = '/api/gateway/v1/roles'

export const PERMISSIONS = [
  'users.manage',
  'roles.manage',
  'keys.manage',
  'audit.read',
  'objects.manage',
  'rules.manage',
  'templates.manage',
  'dashboards.manage',
  'views.share',
  'packs.install',
  'imports.run',
  'system.read',
  'values.unmask',
  'campaigns.run',
] as const

export const ACTIONS: ObjectAction[] = ['create', 'read', 'update', 'delete', 'import', 'export', 'convert', 'unlock']

export const SCOPES = ['own', 'department', 'department_and_below', 'all'] as const
export type DataScope = (typeof SCOPES)[number]
export type Access = 'none' | 'masked' | 'read' | 'write'

export interface ObjectRights {
  actions: ObjectAction[]
  scope: DataScope
  fields: Record<string, Access>
}

export interface Role {
  id: string
  key: string
  name: Text
  permissions: string[]
  objects: Record<string, ObjectRights>
  shipped: boolean
  version: number
}

export type RoleDraft = Pick<Role, 'key' | 'name' | 'permissions' | 'objects'>

export const fetchRoles = () => fetchWhole<Role>(ROLES)

export const createRole = (draft: RoleDraft) => http.post<Role>(ROLES, draft, { idempotencyKey: newIdempotencyKey() })

export const changeRole = (role: Role, changes: Partial<RoleDraft>) =>
  http.patch<Role>(`${ROLES}/${role.id}`, changes, { ifMatch: role.version })

export const deleteRole = (role: Role) => http.delete(`${ROLES}/${role.id}`)
