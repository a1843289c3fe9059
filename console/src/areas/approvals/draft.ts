/** An approval while it is drawn: where it starts, and what a new card of each kind holds. */
import { copyOf } from '@/metadata/values'
import type { Approval, Form, Late, Step } from './api'
import type { Text } from '@/api/types'

export type StepType = Step['type'] | 'copy'

export interface Draft {
  name: Text
  object: string
  active: boolean
  form: Form
}

/** Words of a new card, of a key. */
export type Words = (key: string) => Text

export const LATE: Late['do'][] = ['remind', 'escalate', 'approve', 'reject']
export const STEP_TYPES: StepType[] = ['approve', 'copy', 'choose', 'act']

export function newStep(type: StepType, words: Words): Step {
  switch (type) {
    case 'approve':
      return { type, name: words('approve'), people: [], mode: 'any', due_in: null, late: null }
    case 'copy':
      return {
        type: 'act',
        name: words('copy'),
        actions: [{ type: 'notify', to: { role: null }, template: null, message: words('copyMessage') }],
      }
    case 'act':
      return { type, name: words('act'), actions: [] }
    default:
      return {
        type,
        name: words('choose'),
        ways: [{ name: words('way'), criteria: null, steps: [] }],
        otherwise: { name: words('otherwise'), steps: [] },
      }
  }
}

export function newLate(what: Late['do'], after: string, words: Words): Late {
  if (what === 'remind') return { after, do: what, message: words('reminder') }
  return what === 'escalate' ? { after, do: what, people: [] } : { after, do: what }
}

export function draftOf(approval: Approval | null, object: string, words: Words): Draft {
  if (approval?.approval) {
    const { name, active, approval: form } = copyOf(approval)
    return { name, object: approval.object, active, form: form as Form }
  }
  return {
    name: {},
    object,
    active: true,
    form: {
      start: { people: [], criteria: null },
      steps: [newStep('approve', words)],
      approved: [],
      rejected: [],
      withdrawn: [],
      automatic: [],
    },
  }
}

const filled = (words: Text): Text =>
  Object.fromEntries(Object.entries(words).filter(([, text]) => String(text ?? '').trim()))

/** What is sent: without the words that nobody wrote. */
export function formOf(form: Form): Form {
  const sent = copyOf(form)
  return { ...sent, ...ends(sent), steps: sent.steps.map(sentStep) }
}

const ends = ({ approved, rejected, withdrawn }: Form) => ({
  approved: approved.map(sentAction),
  rejected: rejected.map(sentAction),
  withdrawn: withdrawn.map(sentAction),
})

function sentStep(step: Step): Step {
  const name = filled(step.name)
  switch (step.type) {
    case 'approve':
      return { ...step, name, late: step.late && sentLate(step.late) }
    case 'act':
      return { ...step, name, actions: step.actions.map(sentAction) }
    default:
      return {
        ...step,
        name,
        ways: step.ways.map((way) => ({ ...way, name: filled(way.name), steps: way.steps.map(sentStep) })),
        otherwise: { name: filled(step.otherwise.name), steps: step.otherwise.steps.map(sentStep) },
      }
  }
}

const sentLate = (late: Late): Late => (late.do === 'remind' ? { ...late, message: filled(late.message) } : late)

function sentAction(action: Form['approved'][number]): Form['approved'][number] {
  if (action.type === 'create_task') return { ...action, title: filled(action.title), kind: action.kind || null }
  if (action.type !== 'notify') return action
  if (action.template) return { ...action, message: null }
  const { template: _, ...rest } = action
  return { ...rest, message: filled(action.message ?? {}) }
}

/** The same list with an item moved by one place. */
export function moved<T>(items: T[], index: number, by: number): T[] {
  const to = index + by
  if (to < 0 || to >= items.length) return items
  const found = [...items]
  found.splice(to, 0, ...found.splice(index, 1))
  return found
}
