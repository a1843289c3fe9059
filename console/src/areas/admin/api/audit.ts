/** Who did what. */
import { http } from '@/api/http'
import type { Page } from '@/api/types'

export interface Party {
  kind: string
  id: string | null
  name: string | null
}

export interface AuditEntry {
  id: string
  number: number
  at: string
  actor: Party
  action: string
  target: Party | null
  ip: string | null
  request_id: string
  detail: Record<string, unknown>
}

export interface AuditFilter {
  actor: string | null
  action: string | null
  from: string | null
  to: string | null
}

export const fetchEntries = (filter: AuditFilter, cursor?: string) =>
  http.get<Page<AuditEntry>>('/api/gateway/v1/audit', { query: { ...filter, limit: 50, cursor } })
