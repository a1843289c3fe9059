/** Formatting bound to the person's language and time zone; reactive to both. */
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Money } from '@/api/types'
import { formatDecimal, formatMoney } from '@/format/numbers'
import { formatDate, formatDateTime, formatRelative } from '@/format/times'
import { useCurrencies } from '@/stores/currencies'
import { useSession } from '@/stores/session'

const TICK_MS = 30_000

/** One clock for all relative times in view. */
const now = ref(Date.now())
setInterval(() => (now.value = Date.now()), TICK_MS)

export function useFormat() {
  const { locale, t } = useI18n()
  const session = useSession()
  const currencies = useCurrencies()
  return {
    money: (value: Money, short = false) => formatMoney(value, locale.value, short, currencies.base),
    decimal: (value: string | number, least = 0, most = 6) => formatDecimal(value, locale.value, least, most),
    date: (value: string) => formatDate(value, locale.value),
    dateTime: (value: string) => formatDateTime(value, locale.value, session.timezone),
    relative: (value: string) => formatRelative(value, locale.value, session.timezone, now.value, t('common.justNow')),
  }
}
