/** Dry runs: a rule or a process over the changes of the last days without any effect. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page, Text } from '@/api/types'
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
    | 'loops'
    | 'blocked',
    number
  >
  /** Of a process: how many instances come to a step, or take a way. */
  stops: { node: string; name: string; count: number }[]
  notes: string[]
  problem: string | null
}

/** The way that an instance of a process would have taken, if everybody who is asked agrees. */
export interface DryPath {
  applicant: Person | null
  stops: { node: string; name: string; what: 'asked' | 'done' | 'way' | 'waits'; people: Person[] }[]
  ended: boolean
  problem: string | null
  started_by: { rule_id: string; rule_name: string }[]
}

export type Tried =
  | { rule: RuleBody; rule_id: string | null }
  | { process_id: string | null; process: { name?: Text; object?: string; xml?: string; approval?: object } }

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
  path: DryPath | null
  loop: { step: number; endless: boolean; rules: { id: string; name: string }[] } | null
}

export const isTrying = (run: DryRun) => run.state === 'running'

export const startDryRun = (tried: Tried, days: number) =>
  http.post<DryRun>(DRY_RUNS, { ...tried, days }, { idempotencyKey: newIdempotencyKey() })

export const fetchDryRun = (id: string) => http.get<DryRun>(`${DRY_RUNS}/${id}`)

export const cancelDryRun = (id: string) => http.post<DryRun>(`${DRY_RUNS}/${id}/cancel`, undefined)

export const fetchHits = (id: string, cursor?: string) =>
  http.get<Page<DryRunHit>>(`${DRY_RUNS}/${id}/hits`, { query: { limit: 20, cursor } })
