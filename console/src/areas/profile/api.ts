/** How and when a person wants to be told. */
import { http } from '@/api/http'

export interface Preferences {
  channels: Record<string, boolean>
  digest: 'immediate' | 'daily'
  quiet: { from: string; to: string } | null
}

const PREFERENCES = '/api/notify/v1/preferences'

export const fetchPreferences = () => http.get<Preferences>(PREFERENCES)

export const savePreferences = (preferences: Preferences) => http.put<Preferences>(PREFERENCES, preferences)
