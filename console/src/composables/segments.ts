/** Names of segments that are only known by id, as conditions have them; asked for once each. */
import { reactive } from 'vue'
import { http } from '@/api/http'
import type { Segment } from '@/api/tags'
import type { Text } from '@/api/types'

const names = reactive<Record<string, Text>>({})
const asked = new Set<string>()

/** The name as far as it is known; reactive, so that it appears when it arrives. */
export function nameOfSegment(id: string): Text | undefined {
  if (!asked.has(id)) {
    asked.add(id)
    http
      .get<Segment>(`/api/customer/v1/segments/${id}`, { lasting: true })
      .then((segment) => (names[id] = segment.name))
      .catch(() => asked.delete(id))
  }
  return names[id]
}
