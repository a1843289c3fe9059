/** Events that a service could not handle, service by service. */
import { http } from '@/api/http'
import type { Page } from '@/api/types'

export const SERVICES = ['gateway', 'customer', 'workflow', 'notify', 'report'] as const
export type ServiceName = (typeof SERVICES)[number]

export interface DeadLetter {
  id: string
  service: ServiceName
  queue: string
  message_id: string
  type: string
  error: string
  attempts: number
  dead_at: string
}

export interface DeadMessage extends DeadLetter {
  message: Record<string, unknown> | null
  text: string
  masked: boolean
}

const address = (service: ServiceName, rest = '') => `/api/${service}/v1/admin/dead-letters${rest}`

export async function fetchLetters(service: ServiceName, cursor?: string): Promise<Page<DeadLetter>> {
  const page = await http.get<Page<DeadLetter>>(address(service), { query: { limit: 50, cursor } })
  return { ...page, items: page.items.map((letter) => ({ ...letter, service })) }
}

export const fetchLetter = ({ service, id }: DeadLetter) => http.get<DeadMessage>(address(service, `/${id}`))

export const replayLetter = ({ service, id }: DeadLetter) => http.post<void>(address(service, `/${id}/replay`), {})

export const discardLetter = ({ service, id }: DeadLetter) => http.delete(address(service, `/${id}`))
