/** Mail to customers: its templates, what would be sent about a record, and what was sent. */
import { http } from '@/api/http'
import type { Locale, Page, Text } from '@/api/types'

const NOTIFY = '/api/notify/v1'
const TEMPLATES = `${NOTIFY}/mail-templates`

export interface MailBody {
  name: Text
  object: string
  subject: Text
  body: Text
  /** Of marketing; null: it answers the customer. */
  purpose: string | null
  /** The field of the recipient that says his language. */
  language_field: string | null
}

export interface MailTemplate extends MailBody {
  key: string
  version: number
}

export interface Mail {
  id: string
  object: string
  record_id: string
  address: string | null
  template: string
  rule: { id: string; name: Text }
  subject: string | null
  status: 'waiting' | 'sending' | 'sent' | 'failed' | 'skipped' | 'uncertain'
  problem: string | null
  answer: string | null
  attempts: number
  created_at: string
}

export interface MailShown {
  subject: string
  body: string
}

export const fetchMailTemplates = () => http.get<{ items: MailTemplate[] }>(TEMPLATES)

export const putMailTemplate = (key: string, body: MailBody) => http.put<MailTemplate>(`${TEMPLATES}/${key}`, body)

export const deleteMailTemplate = (key: string) => http.delete(`${TEMPLATES}/${key}`)

export const previewMail = (key: string, record_id: string, locale: Locale, draft: MailBody | null) =>
  http.post<MailShown>(`${TEMPLATES}/${key}/preview`, { record_id, locale, draft })

export const fetchMails = (cursor?: string) => http.get<Page<Mail>>(`${NOTIFY}/mails`, { query: { cursor, limit: 50 } })

export const sendMailAgain = ({ id }: Mail) => http.post<void>(`${NOTIFY}/mails/${id}/send-again`)
