/** A rule while it is written: where it starts, and what is sent of it. */
import { copyOf } from '@/metadata/values'
import type { Criteria } from '@/criteria/model'
import type { Action, ActionType, Rule, RuleBody, Trigger } from './api'

export const ACTION_TYPES: ActionType[] = [
  'assign',
  'create_task',
  'notify',
  'set_fields',
  'create_record',
  'tag',
  'start_process',
  'send_email',
]

export interface Draft extends Omit<RuleBody, 'criteria'> {
  criteria: Criteria | null
}

const BLANK: { [T in ActionType]: Extract<Action, { type: T }> } = {
  set_fields: { type: 'set_fields', values: {} },
  tag: { type: 'tag', add: [], remove: [] },
  assign: { type: 'assign', to: { user_id: null } },
  create_record: { type: 'create_record', object: '', values: {}, owner: 'owner' },
  create_task: { type: 'create_task', title: {}, due_in: '24h', assignee: 'owner', kind: null },
  notify: { type: 'notify', to: 'owner', template: null, message: {} },
  start_process: { type: 'start_process', process: null },
  send_email: { type: 'send_email', to: null, template: null },
}

export const newAction = (type: ActionType): Action => copyOf(BLANK[type])

export function draftOf(rule: Rule | null, object: string): Draft {
  if (!rule)
    return {
      name: {},
      object,
      trigger: { on: 'created' },
      criteria: null,
      actions: [newAction('create_task')],
      active: true,
    }
  const { name, trigger, criteria, actions, active } = copyOf(rule)
  return { name, object: rule.object, trigger, criteria: isAlways(criteria) ? null : criteria, actions, active }
}

const isAlways = (criteria: Criteria) => 'all' in criteria && !criteria.all.length

/** What is sent: without empty words, and with "always" as the condition that nobody wrote. */
export function bodyOf(draft: Draft): RuleBody {
  return {
    ...copyOf(draft),
    name: filled(draft.name),
    trigger: triggerOf(draft.trigger),
    criteria: draft.criteria ?? { all: [] },
    actions: draft.actions.map(sent),
  }
}

function triggerOf({ on, fields, segment }: Trigger): Trigger {
  if (on === 'entered' || on === 'left') return { on, segment }
  return on === 'changed' && fields?.length ? { on, fields } : { on }
}

function sent(action: Action): Action {
  if (action.type === 'create_task') return { ...action, title: filled(action.title), kind: action.kind || null }
  if (action.type !== 'notify') return action
  return action.template
    ? { ...action, message: null }
    : { ...action, template: null, message: filled(action.message ?? {}) }
}

const filled = <T extends object>(words: T) =>
  Object.fromEntries(Object.entries(words).filter(([, text]) => String(text ?? '').trim())) as T
