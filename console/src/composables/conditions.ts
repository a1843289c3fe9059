/** Whole conditions in words: `Amount is set and Customer › Level is A`. */
import { useI18n } from 'vue-i18n'
import type { Criteria, Related } from '@/criteria/model'
import { fieldAt } from '@/metadata/related'
import { useMetadata } from '@/stores/metadata'
import { useSpeaker } from './speaker'
import { useText } from './text'

export function useConditionWords() {
  const { t } = useI18n()
  const { text } = useText()
  const { clauseParts } = useSpeaker()
  const metadata = useMetadata()

  function conditionWords(object: string, criteria: Criteria, inside = false): string {
    if ('not' in criteria) return t('rules.not', { condition: conditionWords(object, criteria.not, true) })
    if ('all' in criteria || 'any' in criteria) {
      const all = 'all' in criteria
      const parts = all ? criteria.all : criteria.any
      const words = parts.map((part) => conditionWords(object, part, true)).join(t(all ? 'rules.and' : 'rules.or'))
      return inside && parts.length > 1 ? t('rules.group', { words }) : words
    }
    if ('related' in criteria) return relatedWords(criteria)
    const known =
      metadata.field(object, criteria.field) ?? fieldAt(metadata.fieldsOf, metadata.fieldsOf(object), criteria.field)
    const { field, op, value } = clauseParts(known, criteria)
    return t('rules.clause', { field, op, value }).trim()
  }

  /** `has at least 3 opportunities (Stage is Won)`. */
  function relatedWords({ related, op, value, where }: Related): string {
    const [name = ''] = related.split('.')
    const whole = where && 'all' in where && !where.all.length
    const inner = where && !whole ? ` ${t('rules.group', { words: conditionWords(name, where) })}` : ''
    return `${t(`criteria.counted.${op}`, { count: value })} ${text(metadata.object(name)?.plural) || name}${inner}`
  }

  return { conditionWords }
}
