/** Approvals in their simple form, as the workflow service keeps them. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page, Text } from '@/api/types'
import type { Action } from '@/areas/rules/api'
import type { Criteria } from '@/criteria/model'

const BASE = '/api/workflow/v1'
const APPROVALS = `${BASE}/approvals`

export type Who = { person: string } | { role: string; up?: number } | { field: string } | { applicant: true }
/** Why a decision passes by itself: who decides applied himself, or has agreed before. */
export type Passing = 'applicant' | 'agreed'

export type Mode = 'any' | 'all' | 'turn'

export type Late =
  | { after: string; do: 'remind'; message: Text }
  | { after: string; do: 'escalate'; people: Who[] }
  | { after: string; do: 'approve' | 'reject' }

export interface ApproveStep {
  type: 'approve'
  name: Text
  people: Who[]
  mode: Mode
  due_in: string | null
  late: Late | null
}

export interface ActStep {
  type: 'act'
  name: Text
  actions: Action[]
}

export interface Way {
  name: Text
  criteria: Criteria | null
  steps: Step[]
}

export interface ChooseStep {
  type: 'choose'
  name: Text
  ways: Way[]
  otherwise: Omit<Way, 'criteria'>
}

export type Step = ApproveStep | ActStep | ChooseStep

export interface Form {
  start: { people: Who[]; criteria: Criteria | null }
  steps: Step[]
  approved: Action[]
  rejected: Action[]
  withdrawn: Action[]
  automatic: Passing[]
}

export interface ApprovalBody {
  name: Text
  object: string
  active: boolean
  approval?: Form
  xml?: string
}

export interface Approval {
  id: string
  key: string | null
  name: Text
  object: string
  active: boolean
  latest: number
  version: number
  updated_at: string
  /** Null for a file that says more than the form can. */
  approval: Form | null
  xml: string | null
}

export interface Version {
  number: number
  at: string
  by: { id: string | null; name: string }
}

export const fetchApprovals = (cursor?: string) =>
  http.get<Page<Approval>>(APPROVALS, { query: { limit: 50, cursor } })

export const fetchApproval = (id: string) => http.get<Approval>(`${APPROVALS}/${id}`)

export const createApproval = (body: ApprovalBody) =>
  http.post<Approval>(APPROVALS, body, { idempotencyKey: newIdempotencyKey() })

export const changeApproval = ({ id, version }: Approval, changes: Partial<ApprovalBody>) =>
  http.patch<Approval>(`${APPROVALS}/${id}`, changes, { ifMatch: version })

export const fetchVersions = (id: string, cursor?: string) =>
  http.get<Page<Version>>(`${BASE}/processes/${id}/versions`, { query: { limit: 20, cursor } })

export const fetchFile = async (id: string, number: number) =>
  (await http.get<{ xml: string }>(`${BASE}/processes/${id}/versions/${number}`)).xml
