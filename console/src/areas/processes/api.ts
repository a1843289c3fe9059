/** Processes as the workflow service runs them: what can be started, what runs over a record, and the steps of people. */
import { http } from '@/api/http'
import type { Page, RecordLink, Task, Text } from '@/api/types'

const BASE = '/api/workflow/v1'
const MOST = 100

export interface Process {
  id: string
  name: Text
}

export type InstanceState = 'running' | 'completed' | 'withdrawn' | 'cancelled'

export interface Instance {
  id: string
  process_name: string
  process_version: number
  state: InstanceState
  link: RecordLink
  applicant: { id: string; name: string | null }
  outcome: string | null
  problem: string | null
  started_at: string
  ended_at: string | null
}

export interface NodeName {
  node: string
  name: string
}

export interface Token extends NodeName {
  waiting: boolean
  people: { id: string; name: string | null; since: string }[]
  back_to: NodeName[]
}

export interface Wait extends NodeName {
  kind: string
  message: string | null
  since: string
  due_at: string | null
}

/** Who had a step from when until when, and what he did with it. */
export interface Held extends NodeName {
  person: { id: string; name: string | null }
  since: string
  until: string | null
  did: string | null
}

/** The file that an instance follows, where it stands in it, and the way it has taken. */
export interface Diagram {
  xml: string
  tokens: Token[]
  waits: Wait[]
  taken: string[]
  held: Held[]
  failed: (NodeName & { words: string })[]
  /** Processes that its steps have called, as far as this person sees them. */
  called: (Pick<Instance, 'id' | 'process_name' | 'state' | 'outcome'> & { node: string | null; name: string | null })[]
  /** Steps that only the versions had which it has followed before. */
  former: NodeName[]
}

export interface Line {
  id: string
  at: string
  node: string | null
  what: string
  by: { id: string; name: string | null } | null
  comment: string | null
  detail: Record<string, unknown>
}

export type StepAction = 'approve' | 'reject' | 'complete' | 'handOver' | 'addApprover' | 'sendBack'

export interface StepDraft {
  comment: string
  person: string | null
  before: boolean
  to: string | null
}

export const fetchStartable = async (object: string) =>
  (await http.get<Page<Process>>(`${BASE}/processes`, { query: { object, active: true, limit: MOST } })).items

export const fetchInstances = (recordId: string, cursor?: string) =>
  http.get<Page<Instance>>(`${BASE}/instances`, { query: { record_id: recordId, limit: 10, cursor } })

export const fetchInstance = (id: string) => http.get<Instance>(`${BASE}/instances/${id}`)

export const fetchDiagram = (id: string) => http.get<Diagram>(`${BASE}/instances/${id}/diagram`)

export const fetchHistory = (id: string, cursor?: string) =>
  http.get<Page<Line>>(`${BASE}/instances/${id}/history`, { query: { limit: MOST, cursor } })

export const startProcess = (id: string, recordId: string, comment: string, idempotencyKey: string) =>
  http.post<Instance>(
    `${BASE}/processes/${id}/instances`,
    { record_id: recordId, ...said(comment) },
    { idempotencyKey },
  )

export const withdrawInstance = (id: string, comment: string) =>
  http.post<Instance>(`${BASE}/instances/${id}/withdraw`, said(comment))

/** Where each action of a step is sent, and what it says beside the comment. */
const CALLS: Record<StepAction, (draft: StepDraft) => [path: string, body: object]> = {
  approve: () => ['decide', { outcome: 'approved' }],
  reject: () => ['decide', { outcome: 'rejected' }],
  complete: () => ['decide', { outcome: 'done' }],
  handOver: (draft) => ['hand-over', { person_id: draft.person }],
  addApprover: (draft) => ['add-approver', { person_id: draft.person, before: draft.before }],
  sendBack: (draft) => ['send-back', { to: draft.to }],
}

export function actOn(task: Task, action: StepAction, draft: StepDraft): Promise<Task> {
  const [path, body] = CALLS[action](draft)
  return http.post<Task>(`${BASE}/tasks/${task.id}/${path}`, { ...body, ...said(draft.comment) })
}

function said(comment: string): { comment?: string } {
  const words = comment.trim()
  return words ? { comment: words } : {}
}
