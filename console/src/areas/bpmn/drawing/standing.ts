/** Where instances stand on a diagram, how many at each shape, and what keeps them there. */
import type { Obstacle, Position } from '../movingApi'
import { showMistakes } from './marks'
import type { Viewer } from './types'

const TYPE = 'fh-count'

/** On the diagram that they come from: a number at each shape, and the words at those that cannot be left. */
export function showSource(viewer: Viewer, positions: Position[], obstacles: Obstacle[]): void {
  place(viewer, new Map(positions.map((one) => [one.node, one.instances])))
  tell(
    viewer,
    obstacles.map((one) => [one.node, one.words]),
  )
}

/** On the diagram that they go to: where they would stand, and what is wrong there. */
export function showTarget(viewer: Viewer, positions: Position[], obstacles: Obstacle[]): void {
  const counts = new Map<string, number>()
  for (const { target, instances, obstacles: faults } of positions)
    if (target && !faults.length) counts.set(target, (counts.get(target) ?? 0) + instances)
  place(viewer, counts)
  tell(
    viewer,
    obstacles.filter((one) => one.target).map((one) => [one.target, one.words]),
  )
}

function place(viewer: Viewer, counts: Map<string, number>): void {
  const canvas = viewer.get('canvas')
  viewer.get('overlays').remove({ type: TYPE })
  for (const shape of viewer.get('elementRegistry').filter(() => true)) canvas.removeMarker(shape, 'fh-here')
  for (const [node, count] of counts) {
    const shape = viewer.get('elementRegistry').get(node)
    if (!shape) continue
    canvas.addMarker(shape, 'fh-here')
    const html = Object.assign(document.createElement('div'), { className: TYPE, textContent: String(count) })
    viewer.get('overlays').add(shape, TYPE, { position: { top: -12, right: 12 }, html, scale: { min: 0.8, max: 1 } })
  }
}

const tell = (viewer: Viewer, words: [string | null, string][]) =>
  showMistakes(
    viewer,
    words.map(([element, detail]) => ({ pointer: '/xml', code: '', detail, element, element_name: null, place: null })),
  )
