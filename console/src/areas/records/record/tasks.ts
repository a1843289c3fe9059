/** To-dos of one record, as the workflow service keeps them. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page, RecordLink, Task } from '@/api/types'

const TASKS = '/api/workflow/v1/tasks'

export const fetchTasks = (object: string, recordId: string) =>
  http.get<Page<Task>>(TASKS, { query: { object, record_id: recordId, state: 'open', limit: 50 } })

export const completeTask = (id: string) => http.post<Task>(`${TASKS}/${id}/complete`, {})

export const addTask = (title: string, dueAt: string | null, link: RecordLink) =>
  http.post<Task>(
    TASKS,
    { title, ...(dueAt ? { due_at: dueAt } : {}), link: { object: link.object, id: link.id } },
    { idempotencyKey: newIdempotencyKey() },
  )
