/** What the server found wrong, in words at the shapes it is about. */
import type { Mistake } from '../api'
import { partsOf } from './names'
import type { Part, Shape, Viewer } from './types'

const TYPE = 'fh-mistake'

/** The shape that an element is seen as: its own, or that of what it stands in; none for the process as a whole. */
export function shapeOf(viewer: Viewer, id: string | null): Shape | null {
  const registry = viewer.get('elementRegistry')
  for (let part = id ? partOf(viewer.getDefinitions(), id) : undefined; part; part = part.$parent) {
    const shape = part.id ? registry.get(part.id) : undefined
    if (shape && shape !== viewer.get('canvas').getRootElement()) return shape
  }
  return null
}

function partOf(definitions: Part, id: string): Part | undefined {
  for (const part of partsOf(definitions)) {
    if (part.id === id) return part
    const inner = [...(part.eventDefinitions ?? []), part.loopCharacteristics].find((one) => one?.id === id)
    if (inner) return inner
  }
  return undefined
}

/** Puts the mistakes at their shapes, in place of those that were there. */
export function showMistakes(viewer: Viewer, mistakes: Mistake[]): void {
  viewer.get('overlays').remove({ type: TYPE })
  const canvas = viewer.get('canvas')
  for (const shape of viewer.get('elementRegistry').filter(() => true)) canvas.removeMarker(shape, TYPE)
  for (const [shape, sentences] of byShape(viewer, mistakes)) {
    canvas.addMarker(shape, TYPE)
    viewer.get('overlays').add(shape, TYPE, { position: placeAt(shape), html: told(sentences), scale: { min: 0.7, max: 1 } })
  }
}

function byShape(viewer: Viewer, mistakes: Mistake[]): Map<Shape, string[]> {
  const found = new Map<Shape, string[]>()
  for (const one of mistakes) {
    const shape = shapeOf(viewer, one.element)
    if (shape) found.set(shape, [...(found.get(shape) ?? []), bare(one.detail)])
  }
  return found
}

/** The sentence without the element that it stands at anyway. */
export const bare = (detail: string) => detail.replace(/^[\w ]*“[^”]*”[:：]\s*/, '')

function placeAt({ waypoints, width }: Shape): Record<string, number> {
  if (!waypoints) return { bottom: -5, left: Math.min(0, (width - 150) / 2) }
  const [one, other] = [waypoints[0], waypoints.at(-1)]
  if (!one || !other) return { top: 0, left: 0 }
  const [left, top] = [Math.min(...waypoints.map((at) => at.x)), Math.min(...waypoints.map((at) => at.y))]
  return { left: (one.x + other.x) / 2 - left, top: (one.y + other.y) / 2 - top + 4 }
}

function told(sentences: string[]): HTMLElement {
  const box = document.createElement('div')
  box.className = TYPE
  box.title = sentences.join('\n')
  box.setAttribute('role', 'note')
  for (const sentence of sentences) box.append(Object.assign(document.createElement('p'), { textContent: sentence }))
  return box
}
