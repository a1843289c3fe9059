/** What a calendar shows of the days in view, and how an entry is led to another day. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { updateRecord } from '@/api/customer'
import { isAbort } from '@/api/problem'
import type { RecordData } from '@/api/types'
import { fetchCalendar, type BoardQuery } from './api'
import { addDays, dayOf, daysBetween, shifted } from './days'

export interface CalendarQuery extends BoardQuery {
  date_field: string
  end_field: string | null
}

export const MOST = 1000

export function useCalendar(object: string, query: Ref<CalendarQuery>, days: Ref<string[]>, timezone: Ref<string>) {
  const items = shallowRef<RecordData[]>([])
  const more = ref(false)
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  let turn = 0

  async function load(): Promise<void> {
    const mine = ++turn
    loading.value = true
    error.value = null
    try {
      const range = { from: days.value[0] as string, to: days.value.at(-1) as string }
      const answer = await fetchCalendar(object, { ...query.value, ...range, limit: MOST })
      if (mine !== turn) return
      items.value = answer.items
      more.value = answer.next_cursor !== null
    } catch (problem) {
      if (mine === turn && !isAbort(problem)) error.value = problem
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  /** Day → what falls on it, in the order of time. */
  const byDay = computed(() => {
    const found = new Map<string, RecordData[]>(days.value.map((day) => [day, []]))
    for (const item of items.value) for (const day of daysOf(item)) found.get(day)?.push(item)
    return found
  })

  function daysOf(item: RecordData): string[] {
    const { date_field, end_field } = query.value
    const first = dayOf(String(item[date_field]), timezone.value)
    const end = end_field && item[end_field] ? dayOf(String(item[end_field]), timezone.value) : first
    const shown = days.value
    const from = first < (shown[0] as string) ? (shown[0] as string) : first
    const count = Math.min(daysBetween(from, end), shown.length)
    return Array.from({ length: Math.max(0, count) + 1 }, (_, place) => addDays(from, place))
  }

  /** Leads an entry to another day, its end with it; what the server refuses is thrown, and nothing has moved. */
  async function move(item: RecordData, to: string): Promise<void> {
    const { date_field, end_field } = query.value
    const by = daysBetween(dayOf(String(item[date_field]), timezone.value), to)
    if (!by) return
    const values: Record<string, unknown> = { [date_field]: shifted(String(item[date_field]), by) }
    if (end_field && item[end_field]) values[end_field] = shifted(String(item[end_field]), by)
    await updateRecord(object, item.id, values, item.version)
    await load()
  }

  watch([query, days], load, { immediate: true })
  return { items, more, byDay, loading, error, reload: load, move }
}

/** What the days and entries of a calendar say, in the person's language and time zone. */
export interface Entries {
  of: (day: string) => RecordData[]
  dayName: (day: string) => string
  weekday: (day: string) => string
  time: (item: RecordData) => string
  colour: (item: RecordData) => string | undefined
}
