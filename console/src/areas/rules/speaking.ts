/** A whole rule in words: when, on what condition, and what happens. */
import { useI18n } from 'vue-i18n'
import { useConditionWords } from '@/composables/conditions'
import { useSpeaker } from '@/composables/speaker'
import { nameOfSegment } from '@/composables/segments'
import { useProcessNames } from '@/stores/processes'
import { useText } from '@/composables/text'
import { useMetadata } from '@/stores/metadata'
import { usePeople } from '@/stores/people'
import { useRoleNames } from '@/stores/roles'
import type { Action, Trigger, Whom } from './api'
import type { Draft } from './draft'
import { isTaken, takenFrom } from './taking'

const MOMENTS: Record<string, string> = { $now: 'rules.now', $today: 'rules.today' }

export function useRuleWords() {
  const { t } = useI18n()
  const { text } = useText()
  const { valueText } = useSpeaker()
  const { conditionWords } = useConditionWords()
  const metadata = useMetadata()
  const people = usePeople()
  const roles = useRoleNames()
  const processes = useProcessNames()

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

  function nameOfProcess(object: string, ref: string | null): string {
    if (!ref) return '…'
    const known = processes.of(object).find(({ id, key }) => id === ref || key === ref)
    return text(known?.name) || ref
  }

  function whomWords(whom: Whom): string {
    if (whom === 'owner' || whom === 'applicant') return t(`rules.${whom}`)
    if ('role' in whom) {
      const role = roles.nameOf(whom.role ?? '') || '…'
      return whom.up === undefined ? role : t('rules.roleAbove', { role })
    }
    if ('user_id' in whom) return people.nameOf(whom.user_id ?? '') ?? '…'
    return people.departmentName(whom.department_id ?? '') ?? '…'
  }

  function setting(object: string, name: string, value: unknown): string {
    const field = metadata.field(object, name)
    const moment = typeof value === 'string' ? MOMENTS[value] : undefined
    const words = isTaken(value)
      ? `= ${labelOf(object, takenFrom(value) ?? '')}`
      : moment
        ? t(moment)
        : field
          ? valueText(field, value)
          : String(value)
    return t('rules.setting', { field: labelOf(object, name), value: words })
  }

  function tagWords(object: string, key: string): string {
    const field = metadata.object(object)?.fields.find((one) => one.options.tags)
    return text(field?.options.choices?.find((one) => one.value === key)?.label) || key
  }

  function dueWords(due: string | null | undefined): string {
    const [, count, unit] = /^(\d+)(m|h|d|w|wh|wd)$/.exec(due ?? '') ?? []
    return unit ? t('rules.due', { span: t(`criteria.span.${unit}`, { count }) }) : ''
  }

  function assigning(to: Whom): string {
    if (typeof to !== 'object' || 'user_id' in to) return 'rules.does.assign'
    if (to.method === 'least_busy') return 'rules.does.assignBusy'
    return 'role' in to ? 'rules.does.assignTurnRole' : 'rules.does.assignTurn'
  }

  function addressWords(object: string, to: string | null): string {
    const [first = '', last] = (to ?? '').split('.')
    return to ? labelOf(object, last ? first : to) : '…'
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
        return t(assigning(action.to), { whom: whomWords(action.to) })
      case 'create_record':
        return t('rules.does.create_record', {
          object: action.object ? objectWords(action.object) : '…',
          whom: whomWords(action.owner),
        })
      case 'create_task': {
        const words = {
          title: text(action.title) || '…',
          whom: whomWords(action.assignee),
          due: dueWords(action.due_in),
        }
        return t('rules.does.create_task', words).trim()
      }
      case 'send_email':
        return t('rules.does.send_email', { to: addressWords(object, action.to), template: action.template ?? '…' })
      case 'start_process':
        return t('rules.does.start_process', { process: nameOfProcess(object, action.process) })
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

  return { triggerWords, actionWords, objectWords, labelOf, nameOfProcess, sentence }
}
