/** Addresses of other programs that are told of changes, and what they were told. */
import { http } from '@/api/http'
import type { Page } from '@/api/types'
import { fetchWhole } from './pages'

const WEBHOOKS = '/api/notify/v1/webhooks'

export const WEBHOOK_KINDS = ['record.created', 'record.updated', 'record.deleted'] as const
export const MESSAGE_STATES = ['waiting', 'sent', 'failed', 'erased'] as const

export interface WebhookDraft {
  name: string
  url: string
  acts_as: string
  kinds: string[]
  objects: string[] | null
  with_imports: boolean
  skip_own: boolean
}

export interface Webhook extends WebhookDraft {
  id: string
  state: 'active' | 'off' | 'failed'
  off_reason: string | null
  failures: number
  failing_since: string | null
  paused_until: string | null
  old_secret_until: string | null
  version: number
  created_at: string
}

export interface WebhookAttempt {
  at: string
  status: number | null
  milliseconds: number
  answer: string
}

export interface WebhookMessage {
  id: string
  kind: string
  object: string | null
  record_id: string | null
  status: (typeof MESSAGE_STATES)[number]
  attempts: number
  due_at: string | null
  created_at: string
  log: WebhookAttempt[]
}

export const fetchWebhooks = () => fetchWhole<Webhook>(WEBHOOKS)

export const fetchWebhook = (id: string) => http.get<Webhook>(`${WEBHOOKS}/${id}`)

export const createWebhook = (draft: WebhookDraft) => http.post<Webhook & { secret: string }>(WEBHOOKS, draft)

export const changeWebhook = (webhook: Webhook, changes: Partial<WebhookDraft> & { state?: 'active' | 'off' }) =>
  http.patch<Webhook>(`${WEBHOOKS}/${webhook.id}`, changes, { ifMatch: webhook.version })

export const deleteWebhook = (webhook: Webhook) =>
  http.delete(`${WEBHOOKS}/${webhook.id}`, { ifMatch: webhook.version })

export const rotateSecret = (webhook: Webhook, overlap_hours: number) =>
  http.post<{ secret: string }>(`${WEBHOOKS}/${webhook.id}/secret`, { overlap_hours })

export const testWebhook = (id: string) => http.post<WebhookMessage>(`${WEBHOOKS}/${id}/test`)

export const fetchMessages = (id: string, status: string | null, cursor?: string) =>
  http.get<Page<WebhookMessage>>(`${WEBHOOKS}/${id}/messages`, { query: { status, cursor, limit: 50 } })

export const replayMessage = (id: string, message: WebhookMessage) =>
  http.post<void>(`${WEBHOOKS}/${id}/messages/${message.id}/replay`)

export const replaySpan = (id: string, since: string, until: string, failed_only: boolean) =>
  http.post<{ count: number; most: number }>(`${WEBHOOKS}/${id}/replay`, { since, until, failed_only })
