/** Handing over what a leaver or mover owns. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page } from '@/api/types'

const BASE = '/api/customer/v1/handovers'

export interface WhatHeHas {
  person_id: string
  objects: { object: string; count: number }[]
  shares: number
  teams: number
  views: number
  tasks: number
}

export interface Step {
  object: string
  people?: string[]
  pool_id?: string | null
}

export interface Handover {
  id: string
  person_id: string
  person_name: string | null
  state: 'running' | 'finished' | 'failed' | 'undoing' | 'undone'
  progress: { done: number; total: number }
  counts: {
    records: Record<string, number>
    receivers: Record<string, number>
    tasks: Record<string, number>
    tasks_left?: number
  }
  undo: { restored: number; kept: number; tasks: number; tasks_kept?: number } | null
  can_undo: boolean
  problem: { code: string; title: string } | null
  created_at: string
  finished_at: string | null
}

/** A record that undoing has left alone. */
export interface Kept {
  object: string
  id: string
  code: string
  detail: string
}

/** A task that undoing has left where it was; what it says only for who sees it. */
export interface KeptTask {
  id: string
  title: string | null
  assignee_name: string | null
  link: { object: string; id: string; title: string | null } | null
  code: string
  detail: string
}

/** Who gets which tasks: those about records go with them, the others to one person. */
export interface Tasks {
  tasks_with_records: boolean
  tasks_to: string | null
}

export const fetchWhatHeHas = (person: string) => http.get<WhatHeHas>(`${BASE}/preview/${person}`)

export const fetchHandovers = async () => (await http.get<Page<Handover>>(BASE, { query: { limit: 20 } })).items

export const startHandover = (person: string, plan: Step[], tasks: Tasks) =>
  http.post<Handover>(BASE, { person_id: person, plan, ...tasks }, { idempotencyKey: newIdempotencyKey() })

export const fetchKept = (id: string, cursor?: string) =>
  http.get<Page<Kept>>(`${BASE}/${id}/kept`, { query: { limit: 20, cursor } })

export const fetchKeptTasks = (id: string, cursor?: string) =>
  http.get<Page<KeptTask>>(`/api/workflow/v1/task-transfers/${id}/kept`, { query: { limit: 20, cursor } })

export const undoHandover = (id: string) => http.post<Handover>(`${BASE}/${id}/undo`, {})

export const deactivate = (person: string) => http.patch(`/api/gateway/v1/users/${person}`, { active: false })
