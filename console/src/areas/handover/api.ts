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
  counts: { records: Record<string, number>; receivers: Record<string, number>; tasks: number }
  undo: { restored: number; kept: number } | null
  can_undo: boolean
  problem: { code: string; title: string } | null
  created_at: string
  finished_at: string | null
}

export const fetchWhatHeHas = (person: string) => http.get<WhatHeHas>(`${BASE}/preview/${person}`)

export const fetchHandovers = async () => (await http.get<Page<Handover>>(BASE, { query: { limit: 20 } })).items

export const startHandover = (person: string, plan: Step[], tasksTo: string | null) =>
  http.post<Handover>(BASE, { person_id: person, plan, tasks_to: tasksTo }, { idempotencyKey: newIdempotencyKey() })

export const undoHandover = (id: string) => http.post<Handover>(`${BASE}/${id}/undo`, {})

export const deactivate = (person: string) => http.patch(`/api/gateway/v1/users/${person}`, { active: false })
