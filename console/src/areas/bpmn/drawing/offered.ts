/**
 * What the editor offers to draw: what the engine executes. Files of other tools may hold more; it is shown, and refused
 * by name when it is published.
 */
import type { Happening, Part, Shape } from './types'

type Entries = Record<string, Happening>
type Translate = (template: string) => string

const REFUSED =
  /script-task|transaction|event-subprocess|ad-hoc|complex-gateway|(message|timer|signal|conditional|escalation|error|compensation)-start|conditional|compensation|link-intermediate|cancel-|collapsed-pool|(expanded|collapsed)-pool/
const HEADERS = new Set(['toggle-parallel-mi', 'toggle-sequential-mi', 'toggle-non-interrupting'])
const NOT_DRAWN = ['create.participant-expanded', 'create.task']
const NOT_APPENDED = ['append.condition-intermediate-event', 'append.compensation-activity']

interface Library {
  create: { start(event: Event, shape: Shape, context?: object): void }
  autoPlace: { append(source: Shape, shape: Shape): void }
  elementFactory: { createShape(attributes: object): Shape }
}

const without = (entries: Entries, refused: (id: string) => boolean): Entries =>
  Object.fromEntries(Object.entries(entries).filter(([id]) => !refused(id)))

/** Takes its turn after the library's own provider of the palette, the pad beside a shape and its menu. */
class Offered {
  static $inject = ['palette', 'contextPad', 'popupMenu', 'create', 'autoPlace', 'elementFactory', 'translate']
  private readonly library: Library

  constructor(
    palette: Happening,
    pad: Happening,
    menu: Happening,
    create: Library['create'],
    autoPlace: Library['autoPlace'],
    elementFactory: Library['elementFactory'],
    private readonly translate: Translate,
  ) {
    this.library = { create, autoPlace, elementFactory }
    palette.registerProvider(500, this)
    pad.registerProvider(500, this)
    menu.registerProvider('bpmn-replace', 500, this)
  }

  getPaletteEntries() {
    return (entries: Entries): Entries => {
      const {
        'create.subprocess-expanded': sub,
        'create.group': group,
        ...rest
      } = without(entries, (id) => NOT_DRAWN.includes(id))
      return {
        ...rest,
        'create.user-task': this.drawn('bpmn:UserTask', 'bpmn-icon-user-task', 'Create user task'),
        'create.service-task': this.drawn('bpmn:ServiceTask', 'bpmn-icon-service-task', 'Create service task'),
        ...(sub && { 'create.subprocess-expanded': sub }),
        ...(group && { 'create.group': group }),
      }
    }
  }

  getContextPadEntries() {
    return (entries: Entries): Entries => {
      const left = without(entries, (id) => NOT_APPENDED.includes(id))
      if ('append.append-task' in left)
        left['append.append-task'] = this.appended('bpmn:UserTask', 'bpmn-icon-user-task', 'Append user task')
      return left
    }
  }

  getPopupMenuEntries() {
    return (entries: Entries): Entries => without(entries, (id) => REFUSED.test(id))
  }

  getPopupMenuHeaderEntries() {
    return (entries: Entries): Entries => without(entries, (id) => !HEADERS.has(id))
  }

  private drawn(type: string, className: string, title: string): Happening {
    const start = (event: Event) => this.library.create.start(event, this.made(type))
    return { group: 'activity', className, title: this.translate(title), action: { dragstart: start, click: start } }
  }

  private appended(type: string, className: string, title: string): Happening {
    const { create, autoPlace } = this.library
    return {
      group: 'model',
      className,
      title: this.translate(title),
      action: {
        dragstart: (event: Event, source: Shape) => create.start(event, this.made(type), { source }),
        click: (_: Event, source: Shape) => autoPlace.append(source, this.made(type)),
      },
    }
  }

  private made(type: string): Shape {
    return this.library.elementFactory.createShape({ type })
  }
}

export const offered = { __init__: ['offered'], offered: ['type', Offered] }

/** Kinds of elements that the engine runs, as labels know them; anything else is told by its own name. */
export const kindOf = (part: Part): string => {
  const name = part.$type.replace(/^.*:/, '')
  return name.charAt(0).toLowerCase() + name.slice(1)
}
