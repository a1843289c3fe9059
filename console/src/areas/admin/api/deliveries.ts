/** What was sent to whom by which channel, and what the other side answered. */
import { http } from '@/api/http'
import type { Page } from '@/api/types'

const DELIVERIES = '/api/notify/v1/deliveries'

export const DELIVERY_STATES = ['waiting', 'sending', 'sent', 'failed', 'skipped', 'uncertain'] as const
export const ENDED: readonly string[] = ['failed', 'skipped', 'uncertain']

export interface Delivery {
  id: string
  user_id: string
  user_name: string | null
  channel: string
  template: string
  count: number
  status: (typeof DELIVERY_STATES)[number]
  attempts: number
  answer: string | null
  due_at: string
  created_at: string
}

export interface DeliveryFilter {
  user_id: string | null
  status: string | null
  channel: string | null
  since: string | null
  until: string | null
}

export const fetchDeliveries = (filter: DeliveryFilter, cursor?: string) =>
  http.get<Page<Delivery>>(DELIVERIES, { query: { ...filter, cursor, limit: 50 } })

export const sendAgain = ({ id }: Delivery) => http.post<void>(`${DELIVERIES}/${id}/send-again`)
