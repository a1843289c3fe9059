/** Personal data: what people agreed to, the report about one, erasure, and how long records keep their person. */
import { download, http, newIdempotencyKey } from '@/api/http'
import type { ObjectDefinition, Page } from '@/api/types'
import type { Criteria } from '@/criteria/model'

const BASE = '/api/customer/v1'
const ofPerson = (object: string, id: string, what: string) =>
  `${BASE}/privacy/${encodeURIComponent(object)}/${id}/${what}`
const consentsOf = (object: string, id: string) => `${BASE}/records/${encodeURIComponent(object)}/${id}/consents`

export interface Consent {
  id: string
  purpose: string
  granted: boolean
  source: string
  at: string
  by_id: string | null
  /** The line of its purpose that counts. */
  current: boolean
}

export interface ConsentDraft {
  purpose: string
  granted: boolean
  source: string
  at: string | null
}

export interface ErasurePreview {
  fields: string[]
  merged: number
  history: number
  told: number
  files: number
  related: { object: string; count: number }[]
}

export type RetentionAction = 'anonymise' | 'delete'
export const ACTIONS: RetentionAction[] = ['anonymise', 'delete']

export interface RetentionDraft {
  object: string
  criteria: Criteria | null
  field: string
  days: number
  action: RetentionAction
  active: boolean
}

export interface RetentionRule extends RetentionDraft {
  id: string
  criteria: Criteria
  last_run_at: string | null
  last_run: { done: number; kept: number } | null
}

export interface DryRun {
  count: number
  count_is: 'exact' | 'at_least'
  examples: { id: string; title: string | null }[]
}

/** Records of this object speak of people: one can write to them or call them. */
export const isAboutPeople = (object: ObjectDefinition) =>
  object.fields.some((field) => field.type === 'phone' || field.type === 'email')

export const fetchConsents = async (object: string, id: string) =>
  (await http.get<Page<Consent>>(consentsOf(object, id))).items

export const addConsent = async (object: string, id: string, { at, ...draft }: ConsentDraft) =>
  (
    await http.post<Page<Consent>>(consentsOf(object, id), at ? { ...draft, at } : draft, {
      idempotencyKey: newIdempotencyKey(),
    })
  ).items

export const downloadReport = (object: string, id: string) =>
  download('GET', `${ofPerson(object, id, 'report')}?format=html`, `${object}-${id}.html`)

export const previewErasure = (object: string, id: string) => http.get<ErasurePreview>(ofPerson(object, id, 'erasure'))

export const erase = (object: string, id: string, fields: string[]) =>
  http.post<{ fields: string[] }>(ofPerson(object, id, 'erase'), { fields }, { idempotencyKey: newIdempotencyKey() })

export const fetchRetention = async () => (await http.get<Page<RetentionRule>>(`${BASE}/retention`)).items

const sent = ({ criteria, ...draft }: RetentionDraft) => (criteria ? { ...draft, criteria } : draft)

export const createRetention = (draft: RetentionDraft) =>
  http.post<RetentionRule>(`${BASE}/retention`, sent(draft), { idempotencyKey: newIdempotencyKey() })

export const changeRetention = (id: string, draft: RetentionDraft) =>
  http.put<RetentionRule>(`${BASE}/retention/${id}`, sent(draft))

export const deleteRetention = (id: string) => http.delete(`${BASE}/retention/${id}`)

export const tryRetention = (draft: RetentionDraft) => http.post<DryRun>(`${BASE}/retention/dry-run`, sent(draft))
