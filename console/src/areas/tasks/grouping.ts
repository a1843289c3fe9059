/** To-dos by the person's own calendar: what is overdue, due today, within seven days, later, or has no date. */
import type { Task } from '@/api/types'

export type GroupKey = 'overdue' | 'today' | 'week' | 'later' | 'undated'

export interface TaskGroup {
  key: GroupKey
  tasks: Task[]
}

const ORDER: GroupKey[] = ['overdue', 'today', 'week', 'later', 'undated']

export function groupTasks(tasks: Task[], now: Date, timezone: string): TaskGroup[] {
  const groups = new Map<GroupKey, Task[]>(ORDER.map((key) => [key, []]))
  for (const task of tasks) groups.get(groupOf(task, now, timezone))?.push(task)
  return ORDER.map((key) => ({ key, tasks: groups.get(key) ?? [] })).filter((group) => group.tasks.length > 0)
}

function groupOf(task: Task, now: Date, timezone: string): GroupKey {
  if (!task.due_at) return 'undated'
  const due = new Date(task.due_at)
  if (due < now) return 'overdue'
  const days = dayNumber(due, timezone) - dayNumber(now, timezone)
  if (days === 0) return 'today'
  return days <= 7 ? 'week' : 'later'
}

/** Days since 1970 of the calendar day that a moment falls on in a time zone. */
function dayNumber(moment: Date, timezone: string): number {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: timezone }).format(moment)
  return Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000)
}
