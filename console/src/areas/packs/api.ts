/** Packs: configuration that leaves and comes as files. */
import { download, http } from '@/api/http'
import type { Page, Text } from '@/api/types'

const PACKS = '/api/gateway/v1/packs'

export interface InstalledPack {
  name: string
  version: string
  label: Text
  installed_at: string
}

export interface PackDifference {
  pointer: string
  before: unknown
  after: unknown
  /** People changed this place themselves. */
  conflict: boolean
}

export interface PackChange {
  kind: string
  key: string
  label: Text
  action: 'create' | 'update' | 'unchanged' | 'kept'
  differences: PackDifference[]
}

export interface PackPreview {
  id: string
  name: string
  version: string
  label: Text
  installed_version: string | null
  missing: string[]
  downgrade: boolean
  changes: PackChange[]
}

export interface PackRun {
  id: string
  state: 'uploaded' | 'installing' | 'finished' | 'failed'
  progress: { done: number; total: number }
  problem: string | null
}

export async function fetchPacks(): Promise<InstalledPack[]> {
  return (await http.get<Page<InstalledPack>>(PACKS)).items
}

export const uploadPack = (file: Blob) => http.post<PackPreview>(`${PACKS}/uploads`, file)

export const installPack = (id: string, keep: string[], downgrade: boolean) =>
  http.post<PackRun>(`${PACKS}/runs/${id}/install`, { keep, downgrade })

export const fetchRun = (id: string) => http.get<PackRun>(`${PACKS}/runs/${id}`)

export const exportPack = (name: string, version: string, objects: string[]) =>
  download('GET', `${PACKS}/export`, `${name}.zip`, { query: { name, version, objects: objects.join(',') } })

/** How an installation names a place in an item. */
export const placeOf = (change: PackChange, difference: PackDifference) =>
  `${change.kind}/${change.key}#${difference.pointer}`
