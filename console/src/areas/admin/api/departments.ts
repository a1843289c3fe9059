/** Departments as the gateway keeps them. */
import { http, newIdempotencyKey } from '@/api/http'
import { fetchWhole } from './pages'

const DEPARTMENTS = '/api/gateway/v1/departments'

export interface Unit {
  id: string
  key: string | null
  name: string
  parent_id: string | null
  path: string
  position: number
  /** Without one that of the department above, or the company's. */
  calendar_id: string | null
  version: number
}

export type UnitDraft = Pick<Unit, 'name' | 'parent_id' | 'key' | 'position' | 'calendar_id'>

export const fetchUnits = () => fetchWhole<Unit>(DEPARTMENTS)

export const createUnit = (draft: UnitDraft) =>
  http.post<Unit>(DEPARTMENTS, draft, { idempotencyKey: newIdempotencyKey() })

export const changeUnit = (unit: Unit, changes: Partial<UnitDraft>) =>
  http.patch<Unit>(`${DEPARTMENTS}/${unit.id}`, changes, { ifMatch: unit.version })

export const deleteUnit = (unit: Unit) => http.delete(`${DEPARTMENTS}/${unit.id}`)
