/** What a person may do with a step, and how a process tells of itself: no call is made here. */
import type { Task } from '@/api/types'
import type { Diagram, Instance, Line, NodeName, StepAction } from './api'

/** What everybody may do at once from a list: decide, or complete. */
export function decisionsOf(task: Task, me: string | undefined): StepAction[] {
  if (task.state !== 'open' || task.assignee_id !== me) return []
  return task.process?.decision ? ['approve', 'reject'] : ['complete']
}

/** Everything that may be done: who has the step all of it, who manages processes can hand it over. */
export function actionsOf(task: Task, me: string | undefined, manages: boolean, back: NodeName[]): StepAction[] {
  const decisions = decisionsOf(task, me)
  if (!decisions.length) return task.state === 'open' && manages ? ['handOver'] : []
  return [...decisions, 'handOver', 'addApprover', ...(back.length ? (['sendBack'] as const) : [])]
}

/** The earlier steps that a task can be sent back to. */
export const backFrom = (diagram: Diagram | undefined, task: Task): NodeName[] =>
  diagram?.tokens.find((token) => token.node === task.process?.node)?.back_to ?? []

const OURS = 'urn:freehold:bpmn:1'

/** What the nodes of a file are called, by their id; in a language where the file has the name in it. */
export function localNames(xml: string, locale: string): Map<string, string> {
  const elements = new DOMParser().parseFromString(xml, 'application/xml').querySelectorAll('[id]')
  return new Map([...elements].map((one) => [one.getAttribute('id') ?? '', nameIn(one, locale)]))
}

function nameIn(one: Element, locale: string): string {
  const names = locale ? [...one.getElementsByTagNameNS(OURS, 'name')] : []
  const own = names.find((name) => name.parentElement?.parentElement === one && name.getAttribute('locale') === locale)
  return own?.textContent || one.getAttribute('name') || ''
}

const ENTRIES = [
  'started',
  'approved',
  'rejected',
  'done',
  'sent_back',
  'added',
  'handed_over',
  'withdrawn',
  'cancelled',
  'message',
  'tried_again',
  'occurred',
  'automatic',
  'acted',
  'passed',
  'thrown',
  'called',
  'returned',
  'terminated',
  'moved',
] as const

export type Entry = Line & { what: (typeof ENTRIES)[number] }

/** What people want to read: deeds and what the system did, without the mechanics of tokens. */
export const entriesOf = (lines: Line[]): Entry[] =>
  lines.filter((line): line is Entry => (ENTRIES as readonly string[]).includes(line.what))

/** The word and the colour of what an instance has come to. */
export function standingOf(one: Pick<Instance, 'state' | 'outcome'>): { key: string; tone: 'info' | 'success' | 'danger' | 'neutral' } {
  if (one.state === 'running') return { key: 'running', tone: 'info' }
  if (one.state !== 'completed') return { key: one.state, tone: 'neutral' }
  if (one.outcome === 'rejected') return { key: 'rejected', tone: 'danger' }
  return { key: one.outcome === 'approved' ? 'approved' : 'completed', tone: 'success' }
}
