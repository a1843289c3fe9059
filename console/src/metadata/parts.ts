/** Parts of structured values, described like fields of their own so that conditions can speak of them. */
import type { Address, FieldDefinition } from '@/api/types'
import { CURRENCIES } from '@/format/currencies'

export const ADDRESS_PARTS = ['country', 'province', 'city', 'district', 'street', 'postal_code'] as const

const LABELS: Record<(typeof ADDRESS_PARTS)[number], [string, string]> = {
  country: ['Country', '国家'],
  province: ['Province', '省份'],
  city: ['City', '城市'],
  district: ['District', '区县'],
  street: ['Street', '街道'],
  postal_code: ['Postal code', '邮编'],
}

/** The fields, each address followed by its parts: `site.city` is a text. */
export function withParts(fields: FieldDefinition[]): FieldDefinition[] {
  return fields.flatMap((field) => (field.type === 'address' ? [field, ...partsOf(field)] : [field]))
}

function partsOf(field: FieldDefinition): FieldDefinition[] {
  return ADDRESS_PARTS.map((part) => {
    const [en, zh] = LABELS[part]
    const label = { en: `${nameIn(field, 'en')}: ${en}`, 'zh-CN': `${nameIn(field, 'zh-CN')}：${zh}` }
    return { ...field, name: `${field.name}.${part}`, type: 'text', label, options: {}, required: false }
  })
}

/** The fields, each amount followed by its bare number and its currency: for companies that have several. */
export function withMoneyParts<T extends FieldDefinition>(fields: T[]): T[] {
  return fields.flatMap((field) => (field.type === 'money' ? [field, bare(field), currencyOf(field)] : [field]))
}

const bare = <T extends FieldDefinition>(field: T): T => ({
  ...field,
  name: `${field.name}.amount`,
  type: 'decimal',
  label: { en: `${nameIn(field, 'en')}: bare number`, 'zh-CN': `${nameIn(field, 'zh-CN')}：数值` },
  options: {},
})

const currencyOf = <T extends FieldDefinition>(field: T): T => ({
  ...field,
  name: `${field.name}.currency`,
  type: 'choice',
  label: { en: `${nameIn(field, 'en')}: currency`, 'zh-CN': `${nameIn(field, 'zh-CN')}：币种` },
  options: { choices: CURRENCIES.map((code) => ({ value: code, label: { en: code, 'zh-CN': code } })) },
})

const nameIn = (field: FieldDefinition, locale: 'en' | 'zh-CN') =>
  field.label[locale] ?? field.label.en ?? field.label['zh-CN'] ?? field.name

/** The country's name in the person's language; the code where the browser knows none. */
export function countryName(code: string, locale: string): string {
  try {
    return new Intl.DisplayNames([locale], { type: 'region' }).of(code) ?? code
  } catch {
    return code
  }
}

/** An address as it is written: Chinese from large to small, others from small to large with commas. */
export function addressText(address: Address, locale: string, home = 'CN'): string {
  const country = address.country && address.country !== home ? countryName(address.country, locale) : ''
  const words = [address.province, address.city, address.district, address.street].filter(Boolean) as string[]
  const chinese = words.some((word) => /[\u3400-\u9fff]/.test(word))
  if (!chinese) {
    const place = [address.city, address.province, address.postal_code].filter(Boolean).join(' ')
    return [address.street, address.district, place, country].filter(Boolean).join(', ')
  }
  const line = [...new Set(words)].join('')
  return [country, line, address.postal_code].filter(Boolean).join(' ')
}
