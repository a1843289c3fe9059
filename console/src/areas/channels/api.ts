/** Accounts at the providers of channels, and where people are found there. */
import { http } from '@/api/http'
import type { Page } from '@/api/types'

const CHANNELS = '/api/notify/v1/channels'
const ADDRESSES = '/api/notify/v1/addresses'

export interface Parameter {
  name: string
  value: string
}

export interface Registered {
  template: string
  locale: string | null
  code: string
  params: Parameter[]
}

export interface Settings extends Record<string, unknown> {
  templates?: Registered[]
}

export interface AccountBody {
  provider: string
  address: string | null
  settings: Settings
  secret: string | null
  per_second: number
  active: boolean
}

export interface Channel {
  channel: string
  provider: string | null
  address: string | null
  settings: Settings
  per_second: number | null
  active: boolean
  failures: number
  said: string | null
  paused_until: string | null
  version: number
}

export interface Tried {
  works: boolean
  outcome: string
  said: string
}

export interface Way {
  channel: string
  on: boolean
  address: string | null
  own: boolean
}

export interface PersonAddress {
  user_id: string
  user_name: string | null
  channel: string
  address: string
  origin: string
}

/** What each provider needs to know beside address and secret. */
export const PROVIDERS: Record<
  string,
  { channel: string; fields: string[]; needsAddress?: boolean; texts?: boolean; forms?: string[] }
> = {
  gateway: { channel: 'sms', fields: [], needsAddress: true },
  aliyun: { channel: 'sms', fields: ['access_key_id', 'sign_name', 'host'], texts: true },
  tencent: { channel: 'sms', fields: ['secret_id', 'sdk_app_id', 'region', 'sign_name', 'host'], texts: true },
  wecom: { channel: 'wecom', fields: ['corp_id', 'agent_id', 'form'], forms: ['textcard', 'markdown', 'text'] },
  dingtalk: {
    channel: 'dingtalk',
    fields: ['app_key', 'agent_id', 'form'],
    forms: ['action_card', 'markdown', 'text'],
  },
}

export const OPTIONAL_FIELDS = ['host', 'region', 'form']

export const fetchChannels = () => http.get<{ items: Channel[] }>(CHANNELS)

export const putChannel = (channel: string, version: number, body: AccountBody) =>
  http.put<Channel>(`${CHANNELS}/${channel}`, body, { ifMatch: version })

export const deleteChannel = ({ channel, version }: Channel) =>
  http.delete(`${CHANNELS}/${channel}`, { ifMatch: version })

export const tryChannel = ({ channel }: Channel) => http.post<Tried>(`${CHANNELS}/${channel}/test`)

export const fetchWays = () => http.get<{ items: Way[] }>(ADDRESSES)

export const putOwnAddress = (channel: string, address: string | null) =>
  http.put<{ items: Way[] }>(`${ADDRESSES}/${channel}`, { address })

export const fetchAddresses = (channel: string | null, cursor?: string) =>
  http.get<Page<PersonAddress>>(`${ADDRESSES}/people`, { query: { channel: channel ?? undefined, cursor, limit: 50 } })

export const putAddress = (user: string, channel: string, address: string | null) =>
  http.put<void>(`${ADDRESSES}/people/${user}/${channel}`, { address })
