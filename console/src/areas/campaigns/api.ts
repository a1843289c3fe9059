/** Campaigns: one text to many, with consent, at a pace. */
import { http, newIdempotencyKey } from '@/api/http'
import type { Locale, Page } from '@/api/types'
import type { Criteria } from '@/criteria/model'

const CAMPAIGNS = '/api/notify/v1/campaigns'

export type Audience = { segment: string } | { criteria: Criteria }
export type CampaignState = 'draft' | 'scheduled' | 'sending' | 'paused' | 'finished' | 'cancelled'
export type Step = 'recall' | 'pause' | 'resume' | 'cancel'

export interface CampaignBody {
  name: string
  object: string
  audience: Audience
  /** The e-mail field to write to. */
  field: string
  template: string
  per_minute: number
  /** Whether openings and followed links are counted. */
  tracked: boolean
}

export interface Results {
  sent: number
  failed: number
  uncertain: number
  waiting: number
  left_out: Record<string, number>
  opted_out: number
  opened: number
  clicked: number
  hard_bounces: number
  soft_bounces: number
}

export interface FollowedLink {
  url: string
  people: number
  clicks: number
}

export interface Campaign extends CampaignBody {
  id: string
  state: CampaignState
  /** Why it stopped by itself. */
  problem: string | null
  run_by: string | null
  starts_at: string | null
  started_at: string | null
  ended_at: string | null
  created_at: string
  version: number
  results: Results
}

export interface Counted {
  recipients: number
  left_out: Record<string, number>
  exact: boolean
}

export const fetchCampaigns = (cursor?: string) => http.get<Page<Campaign>>(CAMPAIGNS, { query: { cursor, limit: 50 } })

export const fetchCampaign = (id: string) => http.get<Campaign>(`${CAMPAIGNS}/${id}`)

export const fetchLinks = (id: string, cursor?: string) =>
  http.get<Page<FollowedLink>>(`${CAMPAIGNS}/${id}/links`, { query: { cursor, limit: 20 } })

export const createCampaign = (body: CampaignBody) =>
  http.post<Campaign>(CAMPAIGNS, body, { idempotencyKey: newIdempotencyKey() })

export const changeCampaign = ({ id, version }: Campaign, body: CampaignBody) =>
  http.patch<Campaign>(`${CAMPAIGNS}/${id}`, body, { ifMatch: version })

export const deleteCampaign = ({ id, version }: Campaign) => http.delete(`${CAMPAIGNS}/${id}`, { ifMatch: version })

export const countRecipients = (id: string) => http.post<Counted>(`${CAMPAIGNS}/${id}/count`)

export const tryCampaign = (id: string, record_id: string, locale: Locale) =>
  http.post<{ address: string }>(`${CAMPAIGNS}/${id}/trial`, { record_id, locale })

export const startCampaign = ({ id, version }: Campaign, at: string | null) =>
  http.post<Campaign>(`${CAMPAIGNS}/${id}/start`, { at }, { ifMatch: version })

export const moveCampaign = ({ id }: Campaign, step: Step) => http.post<Campaign>(`${CAMPAIGNS}/${id}/${step}`)
