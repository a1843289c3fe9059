/** What this browser remembers of the person's taste: theme, language before sign-in, folded navigation, columns. */
import { defineStore } from 'pinia'
import { computed, reactive, watch } from 'vue'
import type { Locale } from '@/api/types'
import { nearestLocale, useLanguage } from '@/i18n'

export type Theme = 'light' | 'dark' | 'system'

interface UiMemory {
  theme: Theme
  locale: Locale
  folded: boolean
  hideEmpty: boolean
  /** Sections of the navigation that are folded, by key. */
  closedSections: string[]
  /** Layout of the list of all records, by object. */
  layouts: Record<string, Record<string, unknown>>
}

const KEY = 'freehold.ui'
const systemDark = matchMedia('(prefers-color-scheme: dark)')

function remembered(): UiMemory {
  const defaults: UiMemory = {
    theme: 'system',
    locale: nearestLocale(navigator.language),
    folded: false,
    hideEmpty: false,
    closedSections: [],
    layouts: {},
  }
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<UiMemory>) }
  } catch {
    return defaults
  }
}

export const useUi = defineStore('ui', () => {
  const memory = reactive(remembered())
  const media = reactive({ dark: systemDark.matches })
  systemDark.addEventListener('change', (event) => (media.dark = event.matches))

  const dark = computed(() => memory.theme === 'dark' || (memory.theme === 'system' && media.dark))

  watch(memory, () => localStorage.setItem(KEY, JSON.stringify(memory)))
  watch(dark, (on) => (document.documentElement.dataset.theme = on ? 'dark' : 'light'), { immediate: true })

  async function setLocale(locale: Locale): Promise<void> {
    await useLanguage(locale)
    memory.locale = locale
  }

  return { memory, dark, setLocale }
})
