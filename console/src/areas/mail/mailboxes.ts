/** Mailboxes of the company that are read: what comes in becomes tickets. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page } from '@/api/types'

const MAILBOXES = '/api/notify/v1/mailboxes'

export interface MailboxBody {
  name: string
  /** `bounces`: only reports of failed delivery are read. */
  kind: 'tickets' | 'bounces'
  address: string
  host: string
  port: number
  security: 'tls' | 'starttls' | 'none'
  username: string
  folder: string
  active: boolean
  password?: string
}

export interface Mailbox extends MailboxBody {
  id: string
  presets: Record<string, string>
  problem: string | null
  said: string | null
  checked_at: string | null
  version: number
}

export interface Tried {
  works: boolean
  problem: string | null
  said: string | null
  messages: number | null
}

export interface Incoming {
  id: string
  address: string | null
  subject: string | null
  outcome: string
  record_id: string | null
  detail: string | null
  at: string
}

export const fetchMailboxes = () => http.get<Page<Mailbox>>(MAILBOXES, { query: { limit: 50 } })

export const createMailbox = (body: MailboxBody) =>
  http.post<Mailbox>(MAILBOXES, body, { idempotencyKey: newIdempotencyKey() })

export const changeMailbox = ({ id, version }: Mailbox, changes: Partial<MailboxBody>) =>
  http.patch<Mailbox>(`${MAILBOXES}/${id}`, changes, { ifMatch: version })

export const deleteMailbox = ({ id, version }: Mailbox) => http.delete(`${MAILBOXES}/${id}`, { ifMatch: version })

export const tryMailbox = ({ id }: Mailbox) => http.post<Tried>(`${MAILBOXES}/${id}/test`)

export const fetchIncoming = (id: string, cursor?: string) =>
  http.get<Page<Incoming>>(`${MAILBOXES}/${id}/messages`, { query: { cursor, limit: 50 } })
