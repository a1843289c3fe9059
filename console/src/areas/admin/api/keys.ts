/** Keys of programs. */
import { http } from '@/api/http'
import { fetchWhole } from './pages'

const KEYS = '/api/gateway/v1/keys'

export const KEY_SERVICES = ['customer', 'workflow', 'notify', 'report', 'gateway'] as const

export interface ApiKey {
  id: string
  name: string
  user_id: string
  scopes: string[]
  created_at: string
  created_by: string
  expires_at: string | null
  last_used_at: string | null
}

export interface KeyDraft {
  name: string
  scopes: string[]
  user_id: string | null
  expires_at: string | null
}

export const fetchKeys = () => fetchWhole<ApiKey>(KEYS)

export const createKey = (draft: KeyDraft) => http.post<ApiKey & { key: string }>(KEYS, draft)

export const revokeKey = (key: ApiKey) => http.delete(`${KEYS}/${key.id}`)
