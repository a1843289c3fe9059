/** The search over all objects. */
import { http } from './http'
import type { RecordData } from './types'

export interface SearchHit {
  id: string
  title: string | null
  /** The field in which the words were found. */
  matched: string | null
  record: RecordData
}

export interface SearchGroup {
  object: string
  more: boolean
  items: SearchHit[]
}

export async function searchEverything(
  q: string,
  wanted: { objects?: string; limit?: number } = {},
  signal?: AbortSignal,
): Promise<SearchGroup[]> {
  const answer = await http.get<{ items: SearchGroup[] }>('/api/customer/v1/search', {
    query: { q, ...wanted },
    signal,
  })
  return answer.items
}
