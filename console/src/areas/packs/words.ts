/** Places and values of a difference in words: what stands in files is for files. */
import { useI18n } from 'vue-i18n'
import type { Text } from '@/api/types'
import { useText } from '@/composables/text'

const WIDTH = 160
const LISTED = 6
const LANGUAGES: Record<string, string> = { en: 'English', 'zh-CN': '中文' }

type Named = { label?: Text; name?: Text | string; key?: string; type?: string; value?: string; field?: string }

const isRecord = (value: unknown): value is Named =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: object) =>
  Object.keys(value).length > 0 &&
  Object.entries(value).every(([key, one]) => key in LANGUAGES && typeof one === 'string')

export function useWords() {
  const { t, te } = useI18n()
  const { text } = useText()

  /** `/fields/region/label/en` → “Fields › region › Label › English”. */
  function place(pointer: string): string {
    const steps = pointer.split('/').slice(1)
    return steps
      .map((step) => LANGUAGES[step] ?? (te(`packs.member.${step}`) ? t(`packs.member.${step}`) : step))
      .join(' › ')
  }

  function value(given: unknown): string {
    if (given === null || given === undefined || given === '') return '—'
    if (typeof given === 'boolean') return t(given ? 'common.yes' : 'common.no')
    const words = Array.isArray(given) ? list(given) : isRecord(given) ? named(given) : String(given)
    return words.length > WIDTH ? `${words.slice(0, WIDTH)}…` : words
  }

  function list(given: unknown[]): string {
    if (!given.length) return '—'
    const shown = given.slice(0, LISTED).map(value).join(', ')
    return given.length > LISTED ? t('packs.more', { shown, count: given.length - LISTED }) : shown
  }

  function named(given: Named): string {
    if (isText(given)) return text(given as Text)
    const own = text(given.label) || text(given.name) || given.key || given.value || given.field
    if (!own) return JSON.stringify(given)
    return given.type && te(`objects.type.${given.type}`) ? `${own} (${t(`objects.type.${given.type}`)})` : own
  }

  return { place, value }
}
