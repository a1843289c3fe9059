/** Divides objects among the groups that metadata declares; what stands in none comes last. */
import type { ObjectGroup } from '@/api/types'

interface Grouped {
  group?: string | null
}

export interface Division<T extends Grouped> {
  /** Key of the group; empty for what stands in none. */
  key: string
  group: ObjectGroup | null
  objects: T[]
}

export function divided<T extends Grouped>(objects: T[], groups: ObjectGroup[]): Division<T>[] {
  const known = new Map(groups.map((group) => [group.key, group]))
  const keyOf = (object: T) => (object.group && known.has(object.group) ? object.group : '')
  const ordered: Division<T>[] = [...groups]
    .sort((a, b) => a.position - b.position || (a.key < b.key ? -1 : 1))
    .map((group) => ({ key: group.key, group, objects: [] }))
  const rest: Division<T> = { key: '', group: null, objects: [] }
  for (const object of objects) (ordered.find((one) => one.key === keyOf(object)) ?? rest).objects.push(object)
  return [...ordered, rest].filter((one) => one.objects.length > 0)
}
