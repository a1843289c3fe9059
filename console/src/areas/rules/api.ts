/** Automation rules and their runs, as the workflow service keeps them. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page, Text } from '@/api/types'
import type { Clause, Criteria } from '@/criteria/model'

const WORKFLOW = '/api/workflow/v1'
const RULES = `${WORKFLOW}/rules`

export type TriggerOn = 'created' | 'changed' | 'becomes' | 'entered' | 'left'
export interface Trigger {
  on: TriggerOn
  fields?: string[]
  /** The segment that is entered or left. */
  segment?: string
}

export type Whom =
  | 'owner'
  /** Of a process. */
  | 'applicant'
  | { user_id: string | null }
  | { department_id: string | null; method?: Method }
  /** With `up`: in the owner's department, or so many levels above it. */
  | { role: string | null; up?: number; method?: Method }

export type Method = 'round_robin' | 'least_busy'

export type Action =
  | { type: 'set_fields'; values: Record<string, unknown> }
  | { type: 'tag'; add?: string[] | null; remove?: string[] | null }
  | { type: 'assign'; to: Whom }
  /** A value may be `{from: field}` or `{formula: text}` over the record that the rule is about. */
  | { type: 'create_record'; object: string; values: Record<string, unknown>; owner: Whom }
  | { type: 'create_task'; title: Text; due_in?: string | null; assignee: Whom; kind?: string | null }
  | { type: 'notify'; to: Whom; template?: string | null; message?: Text | null; channels?: string[] | null }
  | { type: 'start_process'; process: string | null }
  | { type: 'send_email'; to: string | null; template: string | null }

export type ActionType = Action['type']
export type ActionOf<T extends ActionType> = Extract<Action, { type: T }>

export interface RuleBody {
  name: Text
  object: string
  trigger: Trigger
  criteria: Criteria
  actions: Action[]
  active: boolean
}

export interface Rule extends RuleBody {
  id: string
  key: string | null
  position: number
  version: number
  problem: string | null
}

export interface Run {
  id: string
  rule_version: number
  object: string
  record_id: string
  record_title: string
  outcome: 'done' | 'failed' | 'stopped' | 'pending'
  reason: string
  clauses: (Clause & { held: boolean })[]
  actions: {
    type: ActionType
    result: string
    detail: string | null
    /** The record that it created. */
    object: string | null
    record_id: string | null
  }[]
  error: string | null
  at: string
}

export interface RuleVersion {
  version: number
  at: string
  by: { id: string | null; name: string }
}

export interface Named {
  key: string
  name: Text
}

export const fetchRules = (cursor?: string) => http.get<Page<Rule>>(RULES, { query: { limit: 100, cursor } })

export const fetchRule = (id: string) => http.get<Rule>(`${RULES}/${id}`)

export const createRule = (body: RuleBody) => http.post<Rule>(RULES, body, { idempotencyKey: newIdempotencyKey() })

export const changeRule = ({ id, version }: Rule, changes: Partial<RuleBody>) =>
  http.patch<Rule>(`${RULES}/${id}`, changes, { ifMatch: version })

export const deleteRule = ({ id, version }: Rule) => http.delete(`${RULES}/${id}`, { ifMatch: version })

export const fetchRuns = (id: string, cursor?: string) =>
  http.get<Page<Run>>(`${RULES}/${id}/runs`, { query: { limit: 30, cursor } })

export const fetchVersions = (id: string) =>
  http.get<Page<RuleVersion>>(`${RULES}/${id}/versions`, { query: { limit: 1 } })

export const fetchTaskKinds = () => http.get<Page<Named>>(`${WORKFLOW}/task-kinds`, { query: { limit: 200 } })

export const fetchTemplates = () => http.get<Page<Named>>('/api/notify/v1/templates', { query: { limit: 200 } })
