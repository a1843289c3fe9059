/** Exchange rates, and the list of the company's currencies. */
import { CURRENCIES_PATH, type Currencies } from '@/api/currencies'
import { http } from '@/api/http'
import type { Page } from '@/api/types'

const BASE = '/api/customer/v1/exchange-rates'

export interface ExchangeRate {
  currency: string
  valid_from: string
  rate: string
  updated_at: string
  updated_by: string | null
}

export const changeCurrencies = (base: string, items: string[]) =>
  http.put<Currencies>(CURRENCIES_PATH, { base, items })

export const fetchRates = (cursor?: string) => http.get<Page<ExchangeRate>>(BASE, { query: { cursor, limit: 50 } })

const rate = (currency: string, day: string) => `${BASE}/${encodeURIComponent(currency)}/${encodeURIComponent(day)}`

export const keepRate = (currency: string, day: string, worth: string) =>
  http.put<ExchangeRate>(rate(currency, day), { rate: worth })

export const deleteRate = (currency: string, day: string) => http.delete(rate(currency, day))
