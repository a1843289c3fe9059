/** How and when a person wants to be told, and who stands in for him. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Page } from '@/api/types'

export interface Preferences {
  channels: Record<string, boolean>
  digest: 'immediate' | 'daily'
  quiet: { from: string; to: string } | null
}

const PREFERENCES = '/api/notify/v1/preferences'

export const fetchPreferences = () => http.get<Preferences>(PREFERENCES)

export const savePreferences = (preferences: Preferences) => http.put<Preferences>(PREFERENCES, preferences)

export interface Absence {
  id: string
  person: { id: string; name: string | null }
  deputy: { id: string; name: string | null }
  starts_at: string
  ends_at: string
  now: boolean
}

export interface AbsenceBody {
  person_id?: string
  deputy_id: string
  starts_at: string
  ends_at: string
}

const ABSENCES = '/api/workflow/v1/absences'

/** What is not over: somebody's, or one's own affairs, in which one stands in for others too. */
export const fetchAbsences = (person: string, me: string, cursor?: string) =>
  http.get<Page<Absence>>(ABSENCES, { query: { limit: 50, cursor, person_id: person === me ? undefined : person } })

export const nameDeputy = (body: AbsenceBody) =>
  http.post<Absence>(ABSENCES, body, { idempotencyKey: newIdempotencyKey() })

export const endAbsence = (id: string) => http.delete(`${ABSENCES}/${id}`)
