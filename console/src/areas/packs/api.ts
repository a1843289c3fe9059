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

export interface ShippedPack {
  name: string
  version: string
  label: Text
  description: Text
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

/** What becomes of an item when its pack is removed. */
export interface RemovedItem {
  kind: string
  key: string
  label: Text
  action: 'remove' | 'keep' | 'gone'
  reason: 'changed' | 'records' | 'needed' | 'other_pack' | 'history' | 'refused' | null
  /** Goes after all when it is named. */
  optional: boolean
  records: number
  needed_by: string[]
  told: string
  changes: { pointer: string; before: unknown; after: unknown }[]
}

export interface PackRemoval {
  name: string
  version: string
  label: Text
  needed_by: string[]
  items: RemovedItem[]
}

export interface PackRun {
  id: string
  pack: string
  kind: 'installation' | 'removal'
  version: string
  label: Text
  state: 'uploaded' | 'installing' | 'removing' | 'finished' | 'failed'
  progress: { done: number; total: number }
  problem: string | null
  left: RemovedItem[]
}

export async function fetchPacks(): Promise<InstalledPack[]> {
  return (await http.get<Page<InstalledPack>>(PACKS)).items
}

export async function fetchShipped(): Promise<ShippedPack[]> {
  return (await http.get<Page<ShippedPack>>(`${PACKS}/shipped`)).items
}

/** A pack that comes with the product, looked at as one that was uploaded. */
export const takeShipped = (name: string) => http.post<PackPreview>(`${PACKS}/shipped/${encodeURIComponent(name)}`, {})

export const uploadPack = (file: Blob) => http.post<PackPreview>(`${PACKS}/uploads`, file)

export const installPack = (id: string, keep: string[], downgrade: boolean) =>
  http.post<PackRun>(`${PACKS}/runs/${id}/install`, { keep, downgrade })

/** Go on with an installation that failed, with what was chosen for it. */
export const goOnInstalling = (id: string) => http.post<PackRun>(`${PACKS}/runs/${id}/install`, {})

/** What goes on, and what ended during the last day, the newest first. */
export async function fetchRuns(): Promise<PackRun[]> {
  return (await http.get<Page<PackRun>>(`${PACKS}/runs`)).items
}

export const fetchRun = (id: string) => http.get<PackRun>(`${PACKS}/runs/${id}`)

export const previewRemoval = (name: string, also: string[]) =>
  http.post<PackRemoval>(`${PACKS}/${encodeURIComponent(name)}/removal/preview`, { also })

export const removePack = (name: string, also: string[]) =>
  http.post<PackRun>(`${PACKS}/${encodeURIComponent(name)}/removal`, { also })

export const exportPack = (name: string, version: string, objects: string[]) =>
  download('GET', `${PACKS}/export`, `${name}.zip`, { query: { name, version, objects: objects.join(',') } })

/** How an installation names a place in an item. */
export const placeOf = (change: PackChange, difference: PackDifference) =>
  `${change.kind}/${change.key}#${difference.pointer}`
