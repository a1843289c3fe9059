/** Public forms: what strangers fill in at an address of their own. */
import { http } from '@/api/http'
import type { LayoutSection } from '@/api/layouts'
import type { FieldDefinition, FieldType, Page, Text } from '@/api/types'

const BASE = '/api/customer/v1/web-forms'

export const GUARDS = ['work', 'sum', 'none'] as const
export const SOURCES = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'referrer'] as const
export type Source = (typeof SOURCES)[number]

export interface WebFormBody {
  slug: string
  label: Text
  active: boolean
  title: Text
  intro: Text
  button: Text
  thanks: Text
  consent: Text
  redirect: Text
  sections: LayoutSection[]
  values: Record<string, unknown>
  tracking: Partial<Record<Source, string>>
  owner_id: string | null
  origins: string[]
  guard: (typeof GUARDS)[number]
  per_hour: number
  min_seconds: number
}

export interface WebForm extends WebFormBody {
  id: string
  object: string
  version: number
  messages?: number
  last_message_at?: string | null
}

export const fetchWebForms = async (object: string) =>
  (await http.get<Page<WebForm>>(BASE, { query: { object } })).items

export const fetchWebForm = (id: string) => http.get<WebForm>(`${BASE}/${id}`)

export const createWebForm = (object: string, form: WebFormBody) => http.post<WebForm>(BASE, { object, ...form })

export const changeWebForm = (id: string, changes: Partial<WebFormBody>, version?: number) =>
  http.patch<WebForm>(`${BASE}/${id}`, changes, { ifMatch: version })

export const deleteWebForm = (id: string, version?: number) => http.delete(`${BASE}/${id}`, { ifMatch: version })

const PUBLIC: FieldType[] = [
  'text',
  'long_text',
  'phone',
  'email',
  'url',
  'region',
  'integer',
  'decimal',
  'percent',
  'money',
  'date',
  'boolean',
  'choice',
  'multi_choice',
]

/** Whether a stranger may fill the field in: nothing that points into the company, nothing that is worked out. */
export const isPublic = (field: FieldDefinition) => PUBLIC.includes(field.type) && !field.system && !field.calculated

/** The public address of a form. */
export const addressOf = (slug: string) => `${location.origin}/f/${slug}`

/** What goes into the page that shows the form. */
export const snippetOf = (slug: string) =>
  `<iframe src="${addressOf(slug)}" title="${slug}" style="width:100%;height:820px;border:0" loading="lazy"></iframe>`

export const BLANK: WebFormBody = {
  slug: '',
  label: {},
  active: false,
  title: {},
  intro: {},
  button: {},
  thanks: {},
  consent: {},
  redirect: {},
  sections: [],
  values: {},
  tracking: {},
  owner_id: null,
  origins: [],
  guard: 'work',
  per_hour: 10,
  min_seconds: 3,
}
