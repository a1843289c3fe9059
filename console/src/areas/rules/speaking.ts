/** A whole rule in words: when, on what condition, and what happens. */
import { useI18n } from 'vue-i18n'
import { useSpeaker } from '@/composables/speaker'
import { nameOfSegment } from '@/composables/segments'
import { useText } from '@/composables/text'
import type { Criteria, Related } from '@/criteria/model'
import { fieldAt } from '@/metadata/related'
import { useMetadata } from '@/stores/metadata'
import { usePeople } from '@/stores/people'
import type { Action, Trigger, Whom } from './api'
import type { Draft } from './draft'

const MOMENTS: Record<string, string> = { $now: 'rules.now', $today: 'rules.today' }

export function useRuleWords() {
  const { t } = useI18n()
  const { text } = useText()
  const { clauseParts, valueText } = useSpeaker()
  const metadata = useMetadata()
  const people = usePeople()

  const objectWords = (object: string) => text(metadata.object(object)?.label) || object
  const labelOf = (object: string, name: string) => text(metadata.field(object, name)?.label) || name
  const together = (parts: string[]) => parts.filter(Boolean).join(t('rules.separator'))

  function triggerWords(object: string, { on, fields, segment }: Trigger): string {
    const about = { object: objectWords(object) }
    if (on === 'entered' || on === 'left')
      return t(`rules.when.${on}`, { ...about, segment: (segment && text(nameOfSegment(segment))) || '…' })
    if (on !== 'changed' || !fields?.length) return t(`rules.when.${on}`, about)
    return t('rules.when.changedFields', { ...about, fields: together(fields.map((name) => labelOf(object, name))) })
  }

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

  function whomWords(whom: Whom): string {
    if (whom === 'owner') return t('rules.owner')
    if ('user_id' in whom) return people.nameOf(whom.user_id ?? '') ?? '…'
    return people.departmentName(whom.department_id ?? '') ?? '…'
  }

  function setting(object: string, name: string, value: unknown): string {
    const field = metadata.field(object, name)
    const moment = typeof value === 'string' ? MOMENTS[value] : undefined
    const words = moment ? t(moment) : field ? valueText(field, value) : String(value)
    return t('rules.setting', { field: labelOf(object, name), value: words })
  }

  function tagWords(object: string, key: string): string {
    const field = metadata.object(object)?.fields.find((one) => one.options.tags)
    return text(field?.options.choices?.find((one) => one.value === key)?.label) || key
  }

  function dueWords(due: string | null | undefined): string {
    const [, count, unit] = /^(\d+)([mhdw])$/.exec(due ?? '') ?? []
    return unit ? t('rules.due', { span: t(`criteria.span.${unit}`, { count }) }) : ''
  }

  function actionWords(object: string, action: Action): string {
    switch (action.type) {
      case 'set_fields':
        return t('rules.does.set_fields', {
          settings: together(Object.entries(action.values).map(([name, value]) => setting(object, name, value))) || '…',
        })
      case 'tag':
        return t('rules.does.tag', {
          tags: together([
            ...(action.add ?? []).map((key) => `+ ${tagWords(object, key)}`),
            ...(action.remove ?? []).map((key) => `− ${tagWords(object, key)}`),
          ]),
        })
      case 'assign':
        return t(
          action.to !== 'owner' && 'department_id' in action.to ? 'rules.does.assignTurn' : 'rules.does.assign',
          {
            whom: whomWords(action.to),
          },
        )
      case 'create_task': {
        const words = {
          title: text(action.title) || '…',
          whom: whomWords(action.assignee),
          due: dueWords(action.due_in),
        }
        return t('rules.does.create_task', words).trim()
      }
      default:
        return t('rules.does.notify', { whom: whomWords(action.to) })
    }
  }

  function sentence({ object, trigger, criteria, actions }: Draft): string {
    const words = {
      trigger: triggerWords(object, trigger),
      actions: together(actions.map((action) => actionWords(object, action))) || '…',
    }
    if (!criteria) return t('rules.sentence', words)
    return t('rules.sentenceIf', { ...words, condition: conditionWords(object, criteria) })
  }

  return { triggerWords, actionWords, objectWords, sentence }
}
