/**
 * Languages. Each language is one chunk, put together from src/locales/<language>/*.json (namespace = file name) and
 * src/areas/<area>/locales/<language>.json (namespace = area).
 */
import { createI18n } from 'vue-i18n'
import type { Locale } from '@/api/types'
import { setRequestLanguage } from '@/api/http'
import type { Messages } from './assemble'

export const LOCALES: { value: Locale; label: string; short: string }[] = [
  { value: 'en', label: 'English', short: 'EN' },
  { value: 'zh-CN', label: '简体中文', short: '中' },
]

const loaders: Record<Locale, () => Promise<{ default: Messages }>> = {
  en: () => import('./messages.en'),
  'zh-CN': () => import('./messages.zh-CN'),
}

const loaded = new Set<Locale>()

export const i18n = createI18n<false>({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  missingWarn: false,
  fallbackWarn: false,
})

export const t = i18n.global.t

export function currentLocale(): Locale {
  return i18n.global.locale.value as Locale
}

/** The language we speak that is nearest to the wish. */
export function nearestLocale(wish: string | null | undefined): Locale {
  return wish?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

/** Loads a language when it is not there yet, and switches everything to it. */
export async function useLanguage(locale: Locale): Promise<void> {
  if (!loaded.has(locale)) {
    i18n.global.setLocaleMessage(locale, (await loaders[locale]()).default)
    loaded.add(locale)
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  setRequestLanguage(locale)
}
