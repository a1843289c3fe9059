import type { CampaignState } from './api'

export const TONES: Record<CampaignState, 'neutral' | 'info' | 'success' | 'warn' | 'danger'> = {
  draft: 'neutral',
  scheduled: 'info',
  sending: 'info',
  paused: 'warn',
  finished: 'success',
  cancelled: 'neutral',
}
