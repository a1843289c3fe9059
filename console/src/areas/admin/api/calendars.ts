/** Working calendars as the gateway keeps them. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Text } from '@/api/types'
import { fetchWhole } from './pages'

const CALENDARS = '/api/gateway/v1/calendars'

/** From and to by the clock; one that ends before it starts goes past midnight. */
export type Span = [from: string, to: string]
export interface SpecialDay {
  date: string
  name: string
  spans: Span[]
}

export interface CalendarDraft {
  key: string | null
  name: Text
  timezone: string
  /** Monday first. */
  week: Span[][]
  days: SpecialDay[]
  is_default: boolean
}

export interface WorkCalendar extends CalendarDraft {
  id: string
  version: number
}

export const fetchCalendars = () => fetchWhole<WorkCalendar>(CALENDARS)

export const fetchShipped = () => http.get<{ items: Omit<CalendarDraft, 'is_default'>[] }>(`${CALENDARS}/shipped`)

export const createCalendar = (draft: CalendarDraft) =>
  http.post<WorkCalendar>(CALENDARS, draft, { idempotencyKey: newIdempotencyKey() })

export const changeCalendar = ({ id, version }: WorkCalendar, draft: CalendarDraft) =>
  http.patch<WorkCalendar>(`${CALENDARS}/${id}`, draft, { ifMatch: version })

export const deleteCalendar = ({ id }: WorkCalendar) => http.delete(`${CALENDARS}/${id}`)
