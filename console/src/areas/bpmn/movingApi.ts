/** Running instances that go to another version of their process: what a move would do, and how one stands. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page } from '@/api/types'
import type { Instance } from '@/areas/processes/api'

const PROCESSES = '/api/workflow/v1/processes'
const MOST = 100

export interface Version {
  number: number
  at: string
  by: { id: string | null; name: string }
  running: number
}

/** What stands for an element; null: instances that stand there stay. */
export type Mapping = Record<string, string | null>

export interface MoveDraft {
  sources: number[]
  target: number
  mapping: Mapping
}

export interface Position {
  node: string
  name: string
  instances: number
  target: string | null
  target_name: string | null
  choices: { node: string; name: string }[]
  obstacles: string[]
  notes: string[]
}

export interface Obstacle {
  code: string
  version: number
  node: string | null
  target: string | null
  words: string
  instances: number
  examples: string[]
}

export interface Preview {
  instances: number
  looked_at: number
  movable: number
  positions: Position[]
  obstacles: Obstacle[]
}

export interface Move {
  id: string
  sources: number[]
  target: number
  state: 'running' | 'finished' | 'failed' | 'cancelled'
  total: number
  progress: number
  counts: { moved: number; kept: number; gone: number }
  by: { id: string | null; name: string }
  created_at: string
}

export interface MoveResult {
  instance: Instance
  outcome: 'moved' | 'kept' | 'gone'
  from_version: number | null
  reasons: { node: string | null; words: string }[]
}

export const fetchRunning = async (id: string) =>
  (await http.get<Page<Version>>(`${PROCESSES}/${id}/versions`, { query: { limit: MOST } })).items

export const previewMove = (id: string, draft: MoveDraft) =>
  http.post<Preview>(`${PROCESSES}/${id}/moves/preview`, draft)

export const startMove = (id: string, draft: MoveDraft) =>
  http.post<Move>(`${PROCESSES}/${id}/moves`, draft, { idempotencyKey: newIdempotencyKey() })

export const fetchLastMove = async (id: string) =>
  (await http.get<Page<Move>>(`${PROCESSES}/${id}/moves`, { query: { limit: 1 } })).items[0] ?? null

export const fetchMove = (id: string, move: string) => http.get<Move>(`${PROCESSES}/${id}/moves/${move}`)

export const cancelMove = (id: string, move: string) => http.post<Move>(`${PROCESSES}/${id}/moves/${move}/cancel`, {})

export const fetchMoveResults = (id: string, move: string, outcome: MoveResult['outcome'], cursor?: string) =>
  http.get<Page<MoveResult>>(`${PROCESSES}/${id}/moves/${move}/results`, { query: { limit: 20, outcome, cursor } })

export const isMoving = ({ state }: Move) => state === 'running'
