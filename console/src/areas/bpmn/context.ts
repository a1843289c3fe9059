/** What every part of the property panel works on: the diagram, the element, and what changes whenever it is drawn on. */
import { computed, inject, provide, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import type { Part, Shape, Viewer } from './drawing/types'

export interface Chosen {
  viewer: Viewer
  shape: Ref<Shape>
  /** Counts the changes: what is read of the file is read anew. */
  beat: Ref<number>
  readonly: Ref<boolean>
}

const KEY: InjectionKey<Chosen> = Symbol('chosen')
export const choose = (chosen: Chosen) => provide(KEY, chosen)

export function useChosen(): Chosen & { of: <T>(read: (part: Part) => T) => ComputedRef<T> } {
  const found = inject(KEY)
  if (!found) throw new Error('a part of the panel stands outside of it')
  const of = <T>(read: (part: Part) => T) =>
    computed(() => {
      void found.beat.value
      return read(found.shape.value.businessObject)
    })
  return { ...found, of }
}
