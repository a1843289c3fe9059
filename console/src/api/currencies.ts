/** The currencies of the company, for every input of money. */
import { http } from './http'

export interface Currencies {
  base: string
  items: string[]
  known: string[]
}

export const CURRENCIES_PATH = '/api/customer/v1/currencies'

export const fetchCurrencies = () => http.get<Currencies>(CURRENCIES_PATH)
