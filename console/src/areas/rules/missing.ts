/** What a rule still lacks, told before it is sent: every place at once, in the words of the form. */
import type { Fault } from '@/api/faults'
import type { Text } from '@/api/types'
import type { Action, Whom } from './api'
import type { Draft } from './draft'
import { takenFrom } from './taking'

const isBlank = (words: Text | null | undefined) => !Object.values(words ?? {}).some((text) => text?.trim())

const isNobody = (whom: Whom) =>
  typeof whom === 'object' && !('user_id' in whom ? whom.user_id : 'role' in whom ? whom.role : whom.department_id)

/** The places with the message keys that say what is needed; `unfinished` are the places of the condition. */
export function missingIn(draft: Draft, unfinished: string[], t: (key: string) => string): Fault[] {
  const found: [pointer: string, key: string][] = unfinished.map((place) => [
    `/criteria${place}`,
    'criteria.unfinished',
  ])
  if (isBlank(draft.name)) found.unshift(['/name', 'rules.missing.name'])
  if (draft.trigger.on === 'becomes' && !draft.criteria && !unfinished.length)
    found.push(['/criteria', 'rules.missing.condition'])
  if ((draft.trigger.on === 'entered' || draft.trigger.on === 'left') && !draft.trigger.segment)
    found.push(['/trigger/segment', 'rules.missing.segment'])
  if (!draft.actions.length) found.push(['/actions', 'rules.missing.action'])
  draft.actions.forEach((action, index) =>
    found.push(
      ...missingInAction(action).map(([place, key]) => [`/actions/${index}${place}`, key] as [string, string]),
    ),
  )
  return found.map(([pointer, key]) => ({ pointer, detail: t(key) }))
}

function missingInAction(action: Action): [place: string, key: string][] {
  switch (action.type) {
    case 'set_fields':
      return missingValues(action.values)
    case 'create_record':
      return [
        ...(action.object ? blanksIn(action.values) : [['/object', 'rules.missing.object'] as [string, string]]),
        ...(isNobody(action.owner) ? [['/owner', 'rules.missing.whom'] as [string, string]] : []),
      ]
    case 'tag':
      return action.add?.length || action.remove?.length ? [] : [['/add', 'rules.missing.tag']]
    case 'start_process':
      return action.process ? [] : [['/process', 'rules.missing.process']]
    case 'send_email':
      return [
        ...(action.to ? [] : [['/to', 'rules.missing.address'] as [string, string]]),
        ...(action.template ? [] : [['/template', 'rules.missing.mailTemplate'] as [string, string]]),
      ]
    case 'assign':
      return isNobody(action.to) ? [['/to', 'rules.missing.whom']] : []
    case 'create_task':
      return [
        ...(isBlank(action.title) ? [['/title', 'common.required'] as [string, string]] : []),
        ...(isNobody(action.assignee) ? [['/assignee', 'rules.missing.whom'] as [string, string]] : []),
      ]
    default:
      return [
        ...(isNobody(action.to) ? [['/to', 'rules.missing.whom'] as [string, string]] : []),
        ...(!action.template && isBlank(action.message)
          ? [['/message', 'rules.missing.message'] as [string, string]]
          : []),
      ]
  }
}

function missingValues(values: Record<string, unknown>): [place: string, key: string][] {
  if (!Object.keys(values).length) return [['/values', 'rules.missing.fields']]
  return blanksIn(values)
}

/** Values that were begun and not filled in. */
const blanksIn = (values: Record<string, unknown>) =>
  Object.entries(values).flatMap(([name, value]): [place: string, key: string][] =>
    value === undefined || (takenFrom(value) !== null && !String(takenFrom(value)).trim())
      ? [[`/values/${name}`, 'common.required']]
      : [],
  )
