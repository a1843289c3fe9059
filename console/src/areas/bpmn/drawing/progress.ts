/** A running instance on its own diagram: the way it took, where it stands and with whom, and where it does not go on. */
import type { Diagram, Held } from '@/areas/processes/api'
import type { Shape, Viewer } from './types'

const SCALE = { min: 0.75, max: 1 }

/** `words` says who had a step how long. */
export function showProgress(viewer: Viewer, diagram: Diagram, words: (held: Held) => string): void {
  const registry = viewer.get('elementRegistry')
  const mark = (id: string, name: string) => {
    const shape = registry.get(id)
    if (shape) viewer.get('canvas').addMarker(shape, name)
  }
  for (const id of diagram.taken) {
    const flow = registry.get(id)?.businessObject
    for (const one of [id, flow?.sourceRef?.id, flow?.targetRef?.id]) if (one) mark(one, 'fh-taken')
  }
  for (const { node } of diagram.tokens) mark(node, 'fh-here')
  for (const { node } of diagram.waits) mark(node, 'fh-here')
  for (const { node } of diagram.failed) mark(node, 'fh-failed')
  for (const [node, lines] of linesOf(diagram, words)) {
    const shape = registry.get(node)
    if (shape) note(viewer, shape, lines, diagram.failed.some((one) => one.node === node))
  }
}

/** What stands at each node: its words of failure, else who had it last; the rest is in the list. */
function linesOf(diagram: Diagram, words: (held: Held) => string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const held of diagram.held) {
    const before = found.get(held.node) ?? []
    found.set(held.node, [...before, words(held)].slice(-3))
  }
  for (const { node, words: reason } of diagram.failed) found.set(node, [reason])
  return found
}

function note(viewer: Viewer, shape: Shape, lines: string[], failed: boolean): void {
  const html = document.createElement('div')
  html.className = failed ? 'fh-held is-failed' : 'fh-held'
  html.title = lines.join('\n')
  for (const line of lines) html.append(Object.assign(document.createElement('p'), { textContent: line }))
  viewer.get('overlays').add(shape, 'fh-held', { position: { bottom: 12, left: shape.width / 2 + 8 }, html, scale: SCALE })
}

const MINUTE = 60_000

/** A length of time in its largest whole unit. */
export function lengthOf(since: string, until: string | null, now = Date.now()): { unit: 'moment' | 'minutes' | 'hours' | 'days'; count: number } {
  const minutes = Math.floor(((until ? Date.parse(until) : now) - Date.parse(since)) / MINUTE)
  if (minutes < 1) return { unit: 'moment', count: 0 }
  if (minutes < 60) return { unit: 'minutes', count: minutes }
  if (minutes < 48 * 60) return { unit: 'hours', count: Math.floor(minutes / 60) }
  return { unit: 'days', count: Math.floor(minutes / 1440) }
}
