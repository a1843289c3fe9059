/** What the cards of an approval say in a line. */
import { useI18n } from 'vue-i18n'
import { useConditionWords } from '@/composables/conditions'
import { useText } from '@/composables/text'
import { useRuleWords } from '@/areas/rules/speaking'
import type { Action } from '@/areas/rules/api'
import type { Criteria } from '@/criteria/model'
import { useMetadata } from '@/stores/metadata'
import { usePeople } from '@/stores/people'
import { useRoleNames } from '@/stores/roles'
import type { ApproveStep, Late, Who } from './api'

export function useApprovalWords() {
  const { t } = useI18n()
  const { text } = useText()
  const { actionWords } = useRuleWords()
  const { conditionWords } = useConditionWords()
  const metadata = useMetadata()
  const people = usePeople()
  const roles = useRoleNames()
  const listed = (parts: string[]) => parts.join(t('rules.separator'))

  function whoWords(object: string, who: Who): string {
    if ('person' in who) return people.nameOf(who.person) ?? '…'
    if ('field' in who) return text(metadata.field(object, who.field)?.label) || t('approvals.owner')
    if ('applicant' in who) return t('approvals.applicant')
    const role = roles.nameOf(who.role) || '…'
    if (who.up === undefined) return role
    return who.up ? t('approvals.roleUp', { role, up: who.up }) : t('approvals.roleHere', { role })
  }

  const peopleWords = (object: string, list: Who[]) => listed(list.map((who) => whoWords(object, who)))

  function spanWords(span: string): string {
    const [, count, unit] = /^(\d+)(m|h|d|w|wh|wd)$/.exec(span) ?? []
    return unit ? t(`criteria.span.${unit}`, { count }) : '…'
  }

  const lateWords = (object: string, late: Late) =>
    t(`approvals.lateWords.${late.do}`, {
      after: spanWords(late.after),
      people: late.do === 'escalate' ? peopleWords(object, late.people) || '…' : '',
    })

  function approveLines(object: string, step: ApproveStep): string[] {
    const who = peopleWords(object, step.people)
    return [
      who || t('approvals.nobody'),
      ...(step.people.length && (step.people.length > 1 || step.mode !== 'any') ? [t(`approvals.mode.${step.mode}`)] : []),
      ...(step.due_in ? [t('approvals.dueWords', { span: spanWords(step.due_in) })] : []),
      ...(step.late ? [lateWords(object, step.late)] : []),
    ]
  }

  const actionLines = (object: string, actions: Action[]) => actions.map((action) => actionWords(object, action))

  const criteriaWords = (object: string, criteria: Criteria | null) =>
    criteria ? conditionWords(object, criteria) : ''

  return { peopleWords, spanWords, approveLines, actionLines, criteriaWords }
}
