/** Dry runs: a rule over the changes of the last days without any effect. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page } from '@/api/types'
import type { ActionType, RuleBody } from './api'

const DRY_RUNS = '/api/workflow/v1/dry-runs'

interface Person {
  id: string
  name: string | null
}

export interface DryRun {
  id: string
  object: string
  state: 'running' | 'finished' | 'failed' | 'cancelled'
  since: string
  until: string
  /** All changes before this moment were looked at. */
  reached: string
  progress: number
  stopped: 'changes' | 'seconds' | null
  counts: Record<
    | 'looked_at'
    | 'left_out'
    | 'firings'
    | 'records'
    | 'written'
    | 'tasks'
    | 'messages'
    | 'processes'
    | 'creations'
    | 'failed'
    | 'clashes'
    | 'loops',
    number
  >
  notes: string[]
  problem: string | null
}

export interface DryRunHit {
  number: number
  at: string
  /** Of a record that this person does not see. */
  hidden: boolean
  record: { object: string; id: string; title: string | null } | null
  by: Person | null
  writes: { field: string; before: unknown; after: unknown }[]
  actions: { type: ActionType; result: string; detail: string | null }[]
  tasks: { title: string; due_at: string | null; assignee: Person }[]
  messages: { to: Person; template: string | null; message: string | null }[]
  records: { object: string; owner: Person; values: Record<string, unknown> }[]
  /** To customers: whose field holds the address. */
  mails: { to: { object: string; id: string; field: string }; template: string }[]
  processes: { process: string; applicant: Person }[]
  clashes: { rule_id: string; rule_name: string; field: string; wins: 'mine' | 'theirs' | 'same' }[]
  loop: { step: number; endless: boolean; rules: { id: string; name: string }[] } | null
}

export const isTrying = (run: DryRun) => run.state === 'running'

export const startDryRun = (rule: RuleBody, rule_id: string | null, days: number) =>
  http.post<DryRun>(DRY_RUNS, { rule, rule_id, days }, { idempotencyKey: newIdempotencyKey() })

export const fetchDryRun = (id: string) => http.get<DryRun>(`${DRY_RUNS}/${id}`)

export const cancelDryRun = (id: string) => http.post<DryRun>(`${DRY_RUNS}/${id}/cancel`, undefined)

export const fetchHits = (id: string, cursor?: string) =>
  http.get<Page<DryRunHit>>(`${DRY_RUNS}/${id}/hits`, { query: { limit: 20, cursor } })
