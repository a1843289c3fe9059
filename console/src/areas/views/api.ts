/** Saved views: how people look at the records of an object. */
import { http, newIdempotencyKey } from '@/api/http'
import { pageSignal } from '@/api/navigation'
import type { Money, Page, RecordData, Text } from '@/api/types'
import type { Criteria } from '@/criteria/model'

export type ViewKind = 'list' | 'kanban' | 'calendar'
export type Visibility = 'private' | 'shared' | 'everybody'
export type TotalFunction = 'sum' | 'average' | 'min' | 'max' | 'count'

export interface ViewColumn {
  field: string
  width: number | null
}

export interface TotalLine {
  field: string
  function: TotalFunction
}

/** What a view asks for and how it lays it out. */
export interface ViewBody {
  criteria: Criteria | null
  sort: string[]
  columns: ViewColumn[]
  frozen: number
  group_field: string | null
  sum_field: string | null
  date_field: string | null
  end_field: string | null
  color_field: string | null
  totals: TotalLine[]
}

export interface ViewHead {
  name: Text
  kind: ViewKind
  visibility: Visibility
  role_keys: string[]
  department_ids: string[]
  is_default: boolean
  position: number
}

export interface SavedView extends ViewBody, ViewHead {
  id: string
  object: string
  key: string | null
  owner_id: string | null
  version: number
  editable: boolean
  /** False when it speaks of something that the person may not read. */
  usable: boolean
}

export interface ViewChoice {
  default_id: string | null
  pinned: string[]
  order: string[]
}

export interface ViewList {
  items: SavedView[]
  default_id: string | null
  choice: ViewChoice
}

const BASE = '/api/customer/v1'
const views = (object: string, rest = '') => `${BASE}/objects/${encodeURIComponent(object)}/views${rest}`

export const fetchViews = (object: string) => http.get<ViewList>(views(object), { lasting: true })

export const fetchPinned = () =>
  http.get<Page<SavedView>>(`${BASE}/views`, { query: { pinned: true, limit: 100 }, lasting: true })

export const createView = (object: string, view: Partial<ViewBody> & Partial<ViewHead>) =>
  http.post<SavedView>(views(object), view, { idempotencyKey: newIdempotencyKey() })

export const changeView = (view: SavedView, changes: Partial<ViewBody> & Partial<ViewHead>) =>
  http.patch<SavedView>(views(view.object, `/${view.id}`), changes, { ifMatch: view.version })

export const deleteView = (view: SavedView) => http.delete(views(view.object, `/${view.id}`), { ifMatch: view.version })

export const chooseViews = (object: string, choice: ViewChoice) =>
  http.put<ViewChoice>(views(object, '/choice'), choice)

export interface BoardQuery {
  criteria?: Criteria | null
  q?: string
  sort?: string[]
  fields?: string[]
  limit?: number
  cursor?: string
}

export interface KanbanColumn {
  value: string | null
  items: RecordData[]
  next_cursor: string | null
}

/** Amounts of several currencies in the base currency; none while a rate is missing. */
export interface Together {
  amount: string | null
  currency: string
  without_rate: string[]
}

export interface TotalGroup {
  value: string | null
  count: number
  totals: (TotalLine & { value: string | Money[] | null; base?: Together })[]
}

export interface Totals {
  groups: TotalGroup[]
  is: 'exact' | 'at_least' | 'unknown'
}

const records = (object: string, rest: string) => `${BASE}/records/${encodeURIComponent(object)}${rest}`

const without = <T extends object>(body: T) =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== null && value !== ''))

export async function fetchKanban(
  object: string,
  query: BoardQuery & { group_field: string; columns?: (string | null)[] },
): Promise<KanbanColumn[]> {
  const body = { ...without(query), expand: ['labels'] }
  const answer = await http.post<{ columns: KanbanColumn[] }>(records(object, '/kanban'), body, {
    signal: pageSignal(),
  })
  return answer.columns
}

export const fetchCalendar = (
  object: string,
  query: BoardQuery & { date_field: string; end_field: string | null; from: string; to: string },
) =>
  http.post<Page<RecordData>>(
    records(object, '/calendar'),
    { ...without(query), expand: ['labels'] },
    {
      signal: pageSignal(),
    },
  )

export const fetchTotals = (
  object: string,
  query: { criteria: Criteria | null; q: string; totals: TotalLine[]; group_field?: string },
) => http.post<Totals>(records(object, '/totals'), without(query), { signal: pageSignal() })
