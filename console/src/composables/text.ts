/** Texts that come from metadata in several languages. */
import { useI18n } from 'vue-i18n'
import type { Locale, Text } from '@/api/types'
import { currentLocale } from '@/i18n'

/** The text in a language, else in English, else in whatever there is. */
export function pickText(text: Text | string | null | undefined, locale: Locale = currentLocale()): string {
  if (!text) return ''
  if (typeof text === 'string') return text
  return text[locale] || text.en || Object.values(text).find(Boolean) || ''
}

/** `text(label)` in the current language; reactive. */
export function useText() {
  const { locale } = useI18n()
  const text = (value: Text | string | null | undefined) => pickText(value, locale.value as Locale)
  return { text }
}
