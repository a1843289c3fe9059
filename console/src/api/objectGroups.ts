/** Groups into which the navigation divides the objects. */
import { http, newIdempotencyKey } from './http'
import type { ObjectGroup, Page, Text } from './types'

const GROUPS = '/api/customer/v1/object-groups'
const one = (key: string) => `${GROUPS}/${encodeURIComponent(key)}`

export async function fetchGroups(): Promise<ObjectGroup[]> {
  return (await http.get<Page<ObjectGroup>>(GROUPS)).items
}

export const createGroup = (label: Text, position: number) =>
  http.post<ObjectGroup>(GROUPS, { label, position }, { idempotencyKey: newIdempotencyKey() })

export const putGroup = (group: ObjectGroup) =>
  http.put<ObjectGroup>(one(group.key), { label: group.label, position: group.position })

export const deleteGroup = (key: string) => http.delete(one(key))
