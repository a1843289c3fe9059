/** Values and conditions in words, with the names and formats of this person. */
import { useI18n } from 'vue-i18n'
import type { Address, FieldDefinition, Money, StoredFile } from '@/api/types'
import { asMoney, operatorKey, valueWords, type Speaker } from '@/criteria/describe'
import type { Clause } from '@/criteria/model'
import { formatPhone } from '@/format/phones'
import { addressText } from '@/metadata/parts'
import { isEmpty, regionText } from '@/metadata/values'
import { usePeople } from '@/stores/people'
import { useFormat } from './format'
import { nameOfSegment } from './segments'
import { useText } from './text'

export function useSpeaker() {
  const { t, locale } = useI18n()
  const { text } = useText()
  const format = useFormat()
  const people = usePeople()

  function choiceText(field: FieldDefinition, value: unknown): string {
    const choice = field.options.choices?.find((one) => one.value === value)
    return text(choice?.label) || String(value)
  }

  /** One wire value as plain words, for chips, diffs and titles. */
  function valueText(field: FieldDefinition, value: unknown, label?: string): string {
    if (isEmpty(value)) return t('common.none')
    if (Array.isArray(value)) return value.map((one) => valueText(field, one)).join(t('fields.listSeparator'))
    return oneText(field, value, label)
  }

  function oneText(field: FieldDefinition, value: unknown, label?: string): string {
    switch (field.type) {
      case 'choice':
      case 'multi_choice':
        return choiceText(field, value)
      case 'user':
        return label ?? people.nameOf(String(value)) ?? String(value)
      case 'department':
        return label ?? people.departmentName(String(value)) ?? String(value)
      case 'reference':
      case 'reference_list':
        return label ?? t('fields.linked')
      case 'money':
        return format.money(typeof value === 'object' ? (value as Money) : asMoney(field, value))
      case 'percent':
        return `${format.decimal(String(value))}%`
      case 'integer':
      case 'decimal':
        return format.decimal(String(value))
      case 'phone':
        return formatPhone(String(value), locale.value)
      case 'date':
        return format.date(String(value))
      case 'datetime':
        return format.dateTime(String(value))
      case 'boolean':
        return value ? t('common.yes') : t('common.no')
      case 'address':
        return typeof value === 'object' ? addressText(value as Address, locale.value) : String(value)
      case 'file':
      case 'image':
        return (value as StoredFile).name ?? String(value)
      case 'region':
        return regionText(value)
      default:
        return String(value)
    }
  }

  const speaker: Speaker = {
    t: (key, params) => t(key, params ?? {}),
    value: (field, value) => valueText(field, value),
  }

  const segmentWords = (clause: Clause) =>
    [clause.value].flat().map((id) => text(nameOfSegment(String(id))) || '…').join(t('fields.listSeparator'))

  /** `Region is East or North`, in three parts so that a chip can weigh them. */
  function clauseParts(
    field: FieldDefinition | undefined,
    clause: Clause,
  ): { field: string; op: string; value: string } {
    if (!field && clause.field === 'segments') return { field: t('segments.nav'), op: '', value: segmentWords(clause) }
    return {
      field: text(field?.label) || clause.field,
      op: t(operatorKey(field, clause.op)),
      value: field ? valueWords(speaker, field, clause) : String(clause.value ?? ''),
    }
  }

  return { valueText, clauseParts }
}
