/**
 * What the elements of a file say, read and written for the property panel. Nothing is changed in place: what is written
 * is a new value of a property, so that it can be undone.
 */
import type { Locale, Text } from '@/api/types'
import type { Who } from '@/areas/approvals/api'
import { pickText } from '@/composables/text'
import { CRITERIA, EXTENSIONS, type Extension } from './descriptor'
import { namesOf, partsOf } from './names'
import type { Part, Shape, Viewer } from './types'

export const extensionOf = (part: Part, type: Extension): Part | undefined =>
  part.extensionElements?.values?.find(({ $type }: Part) => $type === `freehold:${type}`)

/** Sets one of our extensions of an element, or with null takes it away. */
export function setExtension(
  viewer: Viewer,
  shape: Shape,
  type: Extension,
  says: Record<string, unknown> | null,
): void {
  const made = says ? [viewer.get('moddle').create(`freehold:${type}`, says)] : []
  viewer.get('modeling').updateProperties(shape, { extensionElements: extended(viewer, shape, type, made) })
}

/** Those of our extensions of an element that there may be several of. */
export const extensionsOf = (part: Part, type: Extension): Part[] =>
  (part.extensionElements?.values ?? []).filter(({ $type }: Part) => $type === `freehold:${type}`)

export function setExtensions(viewer: Viewer, shape: Shape, type: Extension, says: Record<string, unknown>[]): void {
  const made = says.map((one) => viewer.get('moddle').create(`freehold:${type}`, one))
  viewer.get('modeling').updateProperties(shape, { extensionElements: extended(viewer, shape, type, made) })
}

function extended(viewer: Viewer, { businessObject }: Shape, type: Extension, made: Part[]): Part | undefined {
  const others: Part[] = (businessObject.extensionElements?.values ?? []).filter(
    ({ $type }: Part) => $type !== `freehold:${type}`,
  )
  const values = [...others, ...made].sort((one, other) => rank(one) - rank(other))
  if (!values.length) return undefined
  const holder = viewer.get('moddle').create('bpmn:ExtensionElements', { values })
  holder.$parent = businessObject
  for (const value of values) value.$parent = holder
  return holder
}

function rank({ $type }: Part): number {
  const at = (EXTENSIONS as readonly string[]).indexOf($type.replace('freehold:', ''))
  return at < 0 ? EXTENSIONS.length : at
}

/** Names in both languages; the plain name of a file that has no others counts as one in the language of the screen. */
export function wordsOf(part: Part, locale: Locale): Text {
  const names = namesOf(part)
  return Object.keys(names).length || !part.name ? names : { [locale]: part.name }
}

export function setWords(viewer: Viewer, shape: Shape, words: Text, locale: Locale): void {
  const { moddle, modeling } = { moddle: viewer.get('moddle'), modeling: viewer.get('modeling') }
  const names = (Object.entries(words) as [string, string][])
    .filter(([, text]) => text)
    .map(([language, text]) => moddle.create('freehold:Name', { locale: language, text }))
  modeling.updateProperties(shape, {
    extensionElements: extended(viewer, shape, 'Name', names),
    name: pickText(words, locale) || undefined,
  })
}

/** A name that was written on the diagram itself is the one in the language of the screen. */
export function followLabels(viewer: Viewer, locale: Locale): void {
  viewer.get('eventBus').on('commandStack.element.updateLabel.postExecuted', 500, ({ context }) => {
    const shape: Shape = context.element.labelTarget ?? context.element
    const names = namesOf(shape.businessObject)
    const label = shape.businessObject.name ?? ''
    if (!Object.keys(names).length || pickText(names, locale) === label) return
    setWords(viewer, shape, { ...names, [locale]: label }, locale)
  })
}

// people

export function peopleOf(part: Part): Who[] {
  const entries: Part[] = extensionOf(part, 'People')?.entries ?? []
  return entries.map((one): Who => {
    if (one.$type === 'freehold:Person') return { person: one.id ?? '' }
    if (one.$type === 'freehold:Field') return { field: one.name ?? '' }
    if (one.$type !== 'freehold:Role') return { applicant: true }
    return one.up === undefined ? { role: one.key ?? '' } : { role: one.key ?? '', up: Number(one.up) }
  })
}

export function setPeople(viewer: Viewer, shape: Shape, people: Who[]): void {
  const entries = people.map((who) => viewer.get('moddle').create(...entryOf(who)))
  setExtension(viewer, shape, 'People', entries.length ? { entries } : null)
}

function entryOf(who: Who): [string, Record<string, unknown>] {
  if ('person' in who) return ['freehold:Person', { id: who.person }]
  if ('field' in who) return ['freehold:Field', { name: who.field }]
  if ('applicant' in who) return ['freehold:Applicant', {}]
  return ['freehold:Role', { key: who.role, ...(who.up === undefined ? {} : { up: String(who.up) }) }]
}

/** What stands in an element as JSON; undefined when it is none. */
export function jsonOf<T>(text: string | undefined, blank: T): T | undefined {
  if (!text?.trim()) return blank
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

// expressions

/** A formula of the standard's kind, or nothing. */
export function expression(viewer: Viewer, owner: Part, body: string | null, language?: string): Part | undefined {
  if (body === null) return undefined
  const made = viewer.get('moddle').create('bpmn:FormalExpression', { body, ...(language && { language }) })
  made.$parent = owner
  return made
}

export type Way = 'always' | 'criteria' | 'formula' | 'otherwise'

/** On which condition a flow is taken. */
export function wayOf(flow: Part): Way {
  if (flow.sourceRef?.default === flow) return 'otherwise'
  if (!flow.conditionExpression) return 'always'
  return flow.conditionExpression.language === CRITERIA ? 'criteria' : 'formula'
}

export function setWay(viewer: Viewer, shape: Shape, way: Way, body = ''): void {
  const flow = shape.businessObject
  const { modeling, registry } = { modeling: viewer.get('modeling'), registry: viewer.get('elementRegistry') }
  const source = registry.get(flow.sourceRef.id)
  const conditional = way === 'criteria' || way === 'formula'
  const condition = expression(viewer, flow, conditional ? body : null, way === 'criteria' ? CRITERIA : undefined)
  if (source && (way === 'otherwise') !== (flow.sourceRef.default === flow))
    modeling.updateProperties(source, { default: way === 'otherwise' ? flow : undefined })
  modeling.updateProperties(shape, { conditionExpression: condition })
}

// events

export type Referred = 'message' | 'signal' | 'escalation' | 'error'
export type Trigger = 'none' | 'timer' | Referred | 'terminate' | 'other'
const DEFINITIONS: Partial<Record<string, Trigger>> = {
  'bpmn:TimerEventDefinition': 'timer',
  'bpmn:MessageEventDefinition': 'message',
  'bpmn:SignalEventDefinition': 'signal',
  'bpmn:EscalationEventDefinition': 'escalation',
  'bpmn:ErrorEventDefinition': 'error',
  'bpmn:TerminateEventDefinition': 'terminate',
}

export const definitionOf = (part: Part): Part | undefined => part.eventDefinitions?.[0]

export function triggerOf(part: Part): Trigger {
  const found = definitionOf(part)
  return found ? (DEFINITIONS[found.$type] ?? 'other') : 'none'
}

export function setTrigger(viewer: Viewer, shape: Shape, trigger: Trigger): void {
  const type = Object.entries(DEFINITIONS).find(([, one]) => one === trigger)?.[0]
  const made = type ? [viewer.get('bpmnFactory').create(type)] : []
  for (const one of made) one.$parent = shape.businessObject
  viewer.get('modeling').updateProperties(shape, { eventDefinitions: made })
}

/** The names of messages, signals, escalations or errors that a file knows. */
export const namesKnown = (viewer: Viewer, what: Referred): string[] =>
  [...partsOf(viewer.getDefinitions())]
    .filter(({ $type }) => $type.toLowerCase() === `bpmn:${what}`)
    .map(({ name, id }) => name || id)

/** What an event, or a task that sends or receives, refers to by its name. */
export function referredBy(part: Part): string {
  const { messageRef, signalRef, escalationRef, errorRef } = definitionOf(part) ?? part
  const found = messageRef ?? signalRef ?? escalationRef ?? errorRef
  return found?.name || found?.id || ''
}

/**
 * Lets an event or a task speak of a message, a signal, an escalation or an error of this name; it is added to the file
 * where it is not there yet.
 */
export function setReference(viewer: Viewer, shape: Shape, what: Referred, name: string): void {
  const event = definitionOf(shape.businessObject) ?? shape.businessObject
  const definitions = viewer.getDefinitions()
  const type = `bpmn:${what.charAt(0).toUpperCase()}${what.slice(1)}`
  let found = (definitions.rootElements as Part[]).find((one) => one.$type === type && (one.name || one.id) === name)
  if (!found && name) {
    found = viewer.get('bpmnFactory').create(type, { name })
    found.$parent = definitions
    viewer
      .get('modeling')
      .updateModdleProperties(shape, definitions, { rootElements: [...definitions.rootElements, found] })
  }
  viewer.get('modeling').updateModdleProperties(shape, event, { [`${what}Ref`]: found })
}

// lengths of time

const ISO: Record<string, (count: number) => string> = {
  m: (count) => `PT${count}M`,
  h: (count) => `PT${count}H`,
  d: (count) => `P${count}D`,
  w: (count) => `P${count * 7}D`,
  wh: (count) => `PT${count}H`,
  wd: (count) => `P${count}D`,
}

/** `3d` as BPMN writes it; that `3wd` is working time says the timer (`timeOf`). */
export function isoOf(span: string | null): string {
  const [, count, unit] = /^(\d+)(m|h|d|w|wh|wd)$/.exec(span ?? '') ?? []
  return unit ? (ISO[unit]?.(Number(count)) ?? '') : ''
}

/** In which time a timer counts, as the file says it. */
export const timeOf = (span: string | null): 'working' | undefined => (/w[hd]$/.test(span ?? '') ? 'working' : undefined)

/** A length of BPMN in one unit; null for nothing, undefined for one that takes more than that. */
export function spanOf(iso: string, time?: string): string | null | undefined {
  if (!iso.trim()) return null
  if (time) {
    const [, days, hours] = /^P(?:(\d+)D|T(\d+)H)$/.exec(iso.trim()) ?? []
    if (time !== 'working' || !(days ?? hours)) return undefined
    return days ? `${days}wd` : `${hours}wh`
  }
  const [, days, hours, minutes] = /^P(?:(\d+)D|T(?:(\d+)H|(\d+)M))$/.exec(iso.trim()) ?? []
  if (days) return `${days}d`
  if (hours) return `${hours}h`
  return minutes ? `${minutes}m` : undefined
}
