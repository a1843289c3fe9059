/** Tags of the company and segments of an object. */
import { http, newIdempotencyKey } from './http'
import type { Page, Text } from './types'
import type { Criteria } from '@/criteria/model'

const BASE = '/api/customer/v1'

export interface Tag {
  key: string
  label: Text
  color: string | null
}

export interface Tags {
  items: Tag[]
  /** Object → its field of tags. */
  objects: Record<string, string>
}

export interface Segment {
  id: string
  object: string
  name: Text
  criteria: Criteria
  state: 'building' | 'ready' | 'resting'
  by_clock: boolean
  version: number
  count: number
  count_is: 'exact' | 'at_least'
  updated_at: string
}

export interface RecordSegment {
  id: string
  name: Text
  entered_at: string
}

export interface Passage {
  id: string
  record_id: string
  title: string
  entered: boolean
  at: string
}

export const fetchTags = () => http.get<Tags>(`${BASE}/tags`)

export const createTag = (label: Text, color: string | null) =>
  http.post<Tag>(`${BASE}/tags`, { label, color }, { idempotencyKey: newIdempotencyKey() })

export const changeTag = (key: string, body: Partial<Omit<Tag, 'key'>>) =>
  http.patch<Tag>(`${BASE}/tags/${encodeURIComponent(key)}`, body)

export const deleteTag = (key: string) => http.delete(`${BASE}/tags/${encodeURIComponent(key)}`)

export const enableTags = (object: string) =>
  http.post<{ field: string }>(`${BASE}/objects/${encodeURIComponent(object)}/tags`, {})

export const applyTags = (object: string, ids: string[], add: string[], remove: string[]) =>
  http.post<{ changed: number; refused: { id: string; code: string; detail: string }[] }>(
    `${BASE}/records/${encodeURIComponent(object)}/tags`,
    { ids, add, remove },
  )

export async function fetchSegments(object: string): Promise<Segment[]> {
  return (await http.get<Page<Segment>>(`${BASE}/segments`, { query: { object } })).items
}

export const createSegment = (object: string, name: Text, criteria: Criteria) =>
  http.post<Segment>(`${BASE}/segments`, { object, name, criteria }, { idempotencyKey: newIdempotencyKey() })

export const changeSegment = (id: string, body: { name?: Text; criteria?: Criteria }, version: number) =>
  http.patch<Segment>(`${BASE}/segments/${id}`, body, { ifMatch: version })

export const deleteSegment = (id: string) => http.delete(`${BASE}/segments/${id}`)

export const fetchPassages = (id: string, cursor?: string) =>
  http.get<Page<Passage>>(`${BASE}/segments/${id}/passages`, { query: { cursor, limit: 20 } })

export async function segmentsOf(object: string, id: string): Promise<RecordSegment[]> {
  const path = `${BASE}/records/${encodeURIComponent(object)}/${id}/segments`
  return (await http.get<Page<RecordSegment>>(path)).items
}
