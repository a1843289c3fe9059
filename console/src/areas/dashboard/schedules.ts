/** Boards that come by themselves: when they are sent, and the file that comes. */
import { download, http } from '@/api/http'
import type { Page } from '@/api/types'

const SCHEDULES = '/api/report/v1/board-schedules'

export type Every = 'day' | 'week' | 'month'

/** What a board can be taken along as. */
export const FORMATS = ['xlsx', 'pdf', 'png'] as const
export type Format = (typeof FORMATS)[number]

export interface ScheduleBody {
  every: Every
  /** 1 is Monday; of weeks alone. */
  weekday: number | null
  /** Of months alone. */
  day: number | null
  at: string
  timezone: string
  recipients: string[]
  format: Format
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

/** A board, or one of its widgets, as a file. */
export const downloadBoard = (board: string, format: Format, name: string) =>
  download('GET', `/api/report/v1/dashboards/${board}/file?format=${format}`, `${name}.${format}`)

export const downloadWidget = (board: string, key: string, format: 'csv' | 'png', name: string) =>
  download(
    'GET',
    `/api/report/v1/dashboards/${board}/file?format=${format}&widget=${encodeURIComponent(key)}`,
    `${name}.${format}`,
  )
