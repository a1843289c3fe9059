/** Layouts of forms: those that are meant for the caller, and all of an object for who designs them. */
import { http } from './http'
import type { Page, Text } from './types'
import type { Criteria } from '@/criteria/model'

const base = (object: string) => `/api/customer/v1/objects/${encodeURIComponent(object)}`
const at = (object: string, key: string) => `${base(object)}/layouts/${encodeURIComponent(key)}`

export interface PlacedField {
  field: string
  width: 'half' | 'full'
  help: Text
  read_only: boolean
  required: boolean
  visible_when: Criteria | null
  required_when: Criteria | null
}

export interface LayoutSection {
  label: Text
  help: Text
  columns: number
  visible_when: Criteria | null
  required_when: Criteria | null
  fields: PlacedField[]
}

/** A layout as somebody gets it who fills in forms. */
export interface ShownLayout {
  key: string
  version: number
  label: Text
  criteria: Criteria | null
  rest: 'show' | 'hide'
  sections: LayoutSection[]
}

export interface Layout extends ShownLayout {
  object: string
  position: number
  active: boolean
  default: boolean
  roles: string[]
}

export type LayoutBody = Omit<Layout, 'object' | 'key' | 'version'>

export interface ResolvedLayout {
  object: string
  layout: ShownLayout
  candidates: ShownLayout[]
}

export const fetchResolved = (object: string) => http.get<ResolvedLayout>(`${base(object)}/layout`, { lasting: true })

export const fetchLayouts = async (object: string) => (await http.get<Page<Layout>>(`${base(object)}/layouts`)).items

export const fetchLayout = (object: string, key: string) => http.get<Layout>(at(object, key))

export const createLayout = (object: string, layout: LayoutBody & { key: string }) =>
  http.post<Layout>(`${base(object)}/layouts`, layout)

export const changeLayout = (object: string, key: string, changes: Partial<LayoutBody>, version?: number) =>
  http.patch<Layout>(at(object, key), changes, { ifMatch: version })

export const deleteLayout = (object: string, key: string, version?: number) =>
  http.delete(at(object, key), { ifMatch: version })
