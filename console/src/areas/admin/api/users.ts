/** People who may sign in, as the gateway keeps them. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page } from '@/api/types'
import type { Access } from './roles'

const USERS = '/api/gateway/v1/users'

/** Object → field → access, in place of what the roles say. */
export type FieldRules = Record<string, Record<string, Access>>

export interface User {
  id: string
  username: string
  name: string
  email: string | null
  phone: string | null
  department_id: string | null
  role_ids: string[]
  locale: string | null
  timezone: string | null
  field_rules: FieldRules
  active: boolean
  must_change_password: boolean
  last_sign_in_at: string | null
  version: number
}

export type UserDraft = Omit<User, 'id' | 'active' | 'must_change_password' | 'last_sign_in_at' | 'version'>

export interface UserFilter {
  q: string
  department_id: string | null
  role_id: string | null
  active: boolean | null
}

export const fetchUsers = (filter: UserFilter, cursor?: string) =>
  http.get<Page<User>>(USERS, { query: { ...filter, limit: 50, cursor } })

export const createUser = (draft: UserDraft) =>
  http.post<User & { initial_password?: string }>(USERS, draft, { idempotencyKey: newIdempotencyKey() })

export const changeUser = (user: User, changes: Partial<UserDraft & { active: boolean }>) =>
  http.patch<User>(`${USERS}/${user.id}`, changes, { ifMatch: user.version })

export const deactivateUser = (user: User) => http.delete(`${USERS}/${user.id}`)

export const resetPassword = async (user: User) =>
  (await http.post<{ initial_password: string }>(`${USERS}/${user.id}/reset-password`, {})).initial_password

export const signOutUser = (user: User) => http.post<void>(`${USERS}/${user.id}/sign-out`, {})
