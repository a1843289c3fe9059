/**
 * Decimals travel as strings and stay exact: they are grouped and rounded as text for the eye, never turned into floats
 * where digits could get lost.
 */
import type { Money } from '@/api/types'

const EXACT_DIGITS = 15

/** `1234567.5` → `1,234,567.5`, with at least and at most so many digits after the point. */
export function formatDecimal(value: string | number, locale: string, least = 0, most = 6): string {
  const text = String(value)
  const options = { minimumFractionDigits: least, maximumFractionDigits: Math.max(least, most) }
  const digits = text.replace(/\D/g, '').length
  const format = new Intl.NumberFormat(locale, options)
  if (digits <= EXACT_DIGITS) return format.format(Number(text))
  return format.format(text as unknown as number)
}

/**
 * Money with its sign and the digits that its currency has: `¥100,000.00`. Whole amounts may drop them. Beside the
 * company's own currency others get a sign that cannot be taken for it: `US$80,000.00`, `JPY 51,000`.
 */
export function formatMoney(money: Money, locale: string, short = false, own?: string): string {
  const whole = short && /^-?\d+(\.0+)?$/.test(money.amount)
  try {
    const format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency: money.currency,
      currencyDisplay: signOf(money.currency, locale, own),
      ...(whole ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : {}),
    })
    return format.format(money.amount as unknown as number)
  } catch {
    return `${money.amount} ${money.currency}`
  }
}

type Sign = 'narrowSymbol' | 'symbol' | 'code'

function signOf(currency: string, locale: string, own: string | undefined): Sign {
  if (!own || currency === own) return 'narrowSymbol'
  return written(currency, locale, 'symbol') === written(own, locale, 'narrowSymbol') ? 'code' : 'symbol'
}

function written(currency: string, locale: string, currencyDisplay: Sign): string | undefined {
  const parts = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay }).formatToParts(0)
  return parts.find(({ type }) => type === 'currency')?.value
}

/** Accepts what people type (`1,000`, `１０００`, ` 12.50 `) and returns a plain decimal string, or null. */
export function parseDecimal(input: string): string | null {
  const plain = input
    .normalize('NFKC')
    .trim()
    .replace(/[\s,_']/g, '')
    .replace(/^\+/, '')
  return /^-?(\d+(\.\d*)?|\.\d+)$/.test(plain) ? plain.replace(/\.$/, '').replace(/^(-?)\./, '$10.') : null
}
