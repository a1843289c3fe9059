/** Boards that come by themselves: when they are sent, and the file that comes. */
import { download, http } from '@/api/http'
import type { Page } from '@/api/types'

const SCHEDULES = '/api/report/v1/board-schedules'

export type Every = 'day' | 'week' | 'month'

export interface ScheduleBody {
  every: Every
  /** 1 is Monday; of weeks alone. */
  weekday: number | null
  /** Of months alone. */
  day: number | null
  at: string
  timezone: string
  recipients: string[]
}

export interface Schedule extends ScheduleBody {
  id: string
  dashboard_id: string
  enabled: boolean
  next_at: string | null
  version: number
}

export const fetchSchedules = async (board: string) =>
  (await http.get<Page<Schedule>>(SCHEDULES, { query: { dashboard_id: board, limit: 100 } })).items

export const createSchedule = (board: string, body: ScheduleBody) =>
  http.post<Schedule>(SCHEDULES, { dashboard_id: board, ...body })

export const switchSchedule = ({ id, version }: Schedule, enabled: boolean) =>
  http.patch<Schedule>(`${SCHEDULES}/${id}`, { enabled }, { ifMatch: version })

export const deleteSchedule = ({ id, version }: Schedule) => http.delete(`${SCHEDULES}/${id}`, { ifMatch: version })

export const sendNow = ({ id }: Schedule) => http.post(`${SCHEDULES}/${id}/send`, {})

/** A board as a workbook, or one widget as CSV. */
export const downloadBoard = (board: string, name: string) =>
  download('GET', `/api/report/v1/dashboards/${board}/file`, `${name}.xlsx`)

export const downloadWidget = (board: string, key: string, name: string) =>
  download('GET', `/api/report/v1/dashboards/${board}/file?format=csv&widget=${encodeURIComponent(key)}`, `${name}.csv`)
