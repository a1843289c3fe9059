/** With whom records are shared: shares and teams of single records, rules over values. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page, Text } from '@/api/types'
import type { Criteria } from '@/criteria/model'

const BASE = '/api/customer/v1'
const of = (object: string, id: string, rest = '') => `${BASE}/records/${encodeURIComponent(object)}/${id}${rest}`
const MOST = 200

export type Level = 'read' | 'write'
export const LEVELS: Level[] = ['read', 'write']

export interface Share {
  id: string
  grantee: string
  grantee_name: string
  level: Level
  team: string | null
  expires_at: string | null
  by: { id: string; name: string } | null
  at: string
}

export interface Shares {
  items: Share[]
  may_share: boolean
}

export interface ShareDraft {
  grantee: string | null
  level: Level
  team: string
  expires_at: string | null
}

export interface SharingRule {
  id: string
  version: number
  object: string
  name: Text
  criteria: Criteria
  grantees: string[]
  grantee_names: Record<string, string>
  level: Level
  active: boolean
  broken: boolean
}

export type RuleDraft = Pick<SharingRule, 'object' | 'name' | 'grantees' | 'level' | 'active'> & {
  criteria: Criteria | null
}

export interface RoleName {
  id: string
  name: Text
}

export const fetchShares = (object: string, id: string) => http.get<Shares>(of(object, id, '/shares'))

export const shareRecord = (object: string, id: string, draft: ShareDraft) =>
  http.post<{ id: string }>(
    of(object, id, '/shares'),
    { ...draft, team: draft.team.trim() || null },
    { idempotencyKey: newIdempotencyKey() },
  )

export const revokeShare = (object: string, id: string, share: Share) =>
  http.delete(of(object, id, `/shares/${share.id}`))

export const fetchRules = async () =>
  (await http.get<Page<SharingRule>>(`${BASE}/sharing/rules`, { query: { limit: MOST } })).items

export const createRule = (draft: RuleDraft) =>
  http.post<SharingRule>(`${BASE}/sharing/rules`, draft, { idempotencyKey: newIdempotencyKey() })

export const changeRule = (id: string, changes: Partial<Omit<RuleDraft, 'object'>>) =>
  http.patch<SharingRule>(`${BASE}/sharing/rules/${id}`, changes)

export const deleteRule = (id: string) => http.delete(`${BASE}/sharing/rules/${id}`)

export const fetchRoleNames = async () =>
  (await http.get<Page<RoleName>>('/api/gateway/v1/roles', { query: { limit: MOST } })).items

export interface Reason {
  kind: string
  level: Level | 'full'
  text: string
}

export interface RecordAccess {
  reasons: Reason[]
  actions: string[]
  may_ask_who: boolean
}

export interface PersonAccess {
  id: string
  name: string
  department: string | null
  reasons: Reason[]
}

export const fetchAccess = (object: string, id: string) => http.get<RecordAccess>(of(object, id, '/access'))

export const fetchAccessPeople = (object: string, id: string, cursor?: string) =>
  http.get<Page<PersonAccess>>(of(object, id, '/access/people'), { query: { cursor } })

export const unmaskValue = (object: string, id: string, field: string, reason: string) =>
  http.post<{ value: unknown }>(of(object, id, '/unmask'), { field, reason })
