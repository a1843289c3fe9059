/** The active conditions as readable chips; taking one away gives the criteria without it. */
import type { FieldDefinition } from '@/api/types'
import type { Clause, Criteria, Related } from '@/criteria/model'
import { useSpeaker } from '@/composables/speaker'
import { useText } from '@/composables/text'
import { fieldAt } from '@/metadata/related'
import { useMetadata } from '@/stores/metadata'
import { useI18n } from 'vue-i18n'

export interface Chip {
  field: string
  op: string
  value: string
  without: Criteria | null
}

export function useChips() {
  const { clauseParts } = useSpeaker()
  const { t } = useI18n()
  const { text } = useText()
  const metadata = useMetadata()

  function chipsOf(criteria: Criteria | null, fields: FieldDefinition[]): Chip[] {
    if (!criteria) return []
    if (!('all' in criteria)) return [{ ...words(criteria, fields), without: null }]
    return criteria.all.map((part, index) => {
      const rest = criteria.all.toSpliced(index, 1)
      return { ...words(part, fields), without: rest.length ? { all: rest } : null }
    })
  }

  function words(part: Criteria, fields: FieldDefinition[]): Omit<Chip, 'without'> {
    if ('all' in part) return { field: '', op: '', value: joined(part.all, fields, t('criteria.and')) }
    if ('any' in part) return { field: '', op: '', value: joined(part.any, fields, t('criteria.or')) }
    if ('not' in part) return { field: '', op: t('criteria.not'), value: sentence(part.not, fields) }
    return 'related' in part ? relatedWords(part) : clauseWords(part, fields)
  }

  /** `has at least 3 Opportunities (Stage is Won)`. */
  function relatedWords({ related, op, value, where }: Related): Omit<Chip, 'without'> {
    const [name = ''] = related.split('.')
    const inner = where ? ` (${sentence(where, metadata.fieldsOf(name))})` : ''
    const object = text(metadata.object(name)?.plural) || name
    return { field: '', op: t(`criteria.counted.${op}`, { count: value }), value: object + inner }
  }

  function clauseWords(clause: Clause, fields: FieldDefinition[]): Omit<Chip, 'without'> {
    const name = clause.field.split('.')[0]
    const field = fieldAt(metadata.fieldsOf, fields, clause.field)
    return clauseParts(field ?? fields.find((one) => one.name === name), clause)
  }

  const sentence = (part: Criteria, fields: FieldDefinition[]): string => {
    const { field, op, value } = words(part, fields)
    return [field, op, value].filter(Boolean).join(' ')
  }

  const joined = (parts: Criteria[], fields: FieldDefinition[], word: string) =>
    parts.map((part) => sentence(part, fields)).join(` ${word} `)

  return { chipsOf }
}
