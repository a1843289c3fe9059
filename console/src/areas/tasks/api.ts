/** To-dos as the workflow service keeps them. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page, Task } from '@/api/types'

const TASKS = '/api/workflow/v1/tasks'

export type TaskState = Task['state']

export interface TaskDraft {
  title: string
  due_at: string | null
  assignee_id: string | null
  kind?: string
}

export const fetchTasks = (state: TaskState, cursor?: string) =>
  http.get<Page<Task>>(TASKS, { query: { state, limit: 100, cursor } })

/** What a deputy does for me. */
export const fetchWithDeputy = (cursor?: string) =>
  http.get<Page<Task>>(TASKS, { query: { state: 'open', view: 'deputy', limit: 50, cursor } })

export const fetchSummary = () =>
  http.get<{ open: number; overdue: number; today: number }>(`${TASKS}/summary`, { lasting: true })

export const completeTask = (id: string) => http.post<Task>(`${TASKS}/${id}/complete`, {})

export const reopenTask = (id: string) => http.post<Task>(`${TASKS}/${id}/reopen`, {})

export const createTask = (draft: TaskDraft) =>
  http.post<Task>(TASKS, withoutNothing(draft), { idempotencyKey: newIdempotencyKey() })

export const changeTask = (task: Task, draft: TaskDraft) =>
  http.patch<Task>(`${TASKS}/${task.id}`, changedOnly(task, draft), { ifMatch: task.version })

function withoutNothing(draft: TaskDraft): Partial<TaskDraft> {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== null && value !== ''))
}

function changedOnly(task: Task, draft: TaskDraft): Partial<TaskDraft> {
  const known = task as unknown as Record<string, unknown>
  return Object.fromEntries(Object.entries(draft).filter(([name, value]) => known[name] !== value))
}
