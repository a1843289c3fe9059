/** Fingers on a diagram: one moves it, two make it larger or smaller. The library itself follows a mouse alone. */
import type { Viewer } from './types'

type Point = { x: number; y: number }

export function followFingers(host: HTMLElement, viewer: Viewer): void {
  const fingers = new Map<number, Point>()
  const canvas = viewer.get('canvas')
  const put = (event: PointerEvent) => fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })

  host.addEventListener('pointerdown', (event) => event.pointerType === 'touch' && put(event))
  for (const name of ['pointerup', 'pointercancel', 'pointerleave'] as const)
    host.addEventListener(name, (event) => fingers.delete(event.pointerId))
  host.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId)
    if (!before) return
    const apart = spread(fingers)
    put(event)
    if (fingers.size === 1) canvas.scroll({ dx: event.clientX - before.x, dy: event.clientY - before.y })
    else if (apart) canvas.zoom(canvas.zoom() * (spread(fingers) / apart), middle(fingers, host))
  })
}

function spread(fingers: Map<number, Point>): number {
  const [one, other] = [...fingers.values()]
  return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0
}

function middle(fingers: Map<number, Point>, host: HTMLElement): Point {
  const { left, top } = host.getBoundingClientRect()
  const points = [...fingers.values()]
  const mean = (of: (one: Point) => number) => points.reduce((sum, one) => sum + of(one), 0) / points.length
  return { x: mean((one) => one.x) - left, y: mean((one) => one.y) - top }
}
