/** The roles that a layout may be meant for; who may not read roles sees the keys that are chosen already. */
import { http } from '@/api/http'
import type { Page, Text } from '@/api/types'

export interface RoleName {
  key: string
  name: Text
}

export async function fetchRoleNames(chosen: string[]): Promise<RoleName[]> {
  const kept = (known: RoleName[]) => {
    const keys = new Set(known.map(({ key }) => key))
    return [...known, ...chosen.filter((key) => !keys.has(key)).map((key) => ({ key, name: {} }))]
  }
  try {
    return kept((await http.get<Page<RoleName>>('/api/gateway/v1/roles', { query: { limit: 200 } })).items)
  } catch {
    return kept([])
  }
}
