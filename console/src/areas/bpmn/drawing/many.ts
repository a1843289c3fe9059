/** Several instances of an activity, side by side or one after the other. */
import { expression } from './parts'
import type { Part, Shape, Viewer } from './types'

export interface Many {
  sequential: boolean
  /** How often, for what is not done once for each of its people. */
  count?: string
  until: string
}

export function manyOf(part: Part): Many | null {
  const found = part.loopCharacteristics
  if (found?.$type !== 'bpmn:MultiInstanceLoopCharacteristics') return null
  return {
    sequential: !!found.isSequential,
    count: found.loopCardinality?.body ?? undefined,
    until: found.completionCondition?.body ?? '',
  }
}

export function setMany(viewer: Viewer, shape: Shape, many: Many | null): void {
  const made = many && viewer.get('moddle').create('bpmn:MultiInstanceLoopCharacteristics')
  if (made) {
    made.$parent = shape.businessObject
    if (many.sequential) made.isSequential = true
    made.loopCardinality = expression(viewer, made, many.count ?? null)
    made.completionCondition = expression(viewer, made, many.until || null)
  }
  viewer.get('modeling').updateProperties(shape, { loopCharacteristics: made ?? undefined })
}
