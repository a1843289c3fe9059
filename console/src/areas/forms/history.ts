/** Undo and redo: whole states of a document. Changes of the same place in quick succession (typing) are one step. */
import { computed, ref, shallowRef } from 'vue'

const TOGETHER_MS = 900
const MOST = 200

export function useHistory<T>(first: T) {
  const past = shallowRef<T[]>([])
  const future = shallowRef<T[]>([])
  const state = shallowRef<T>(first)
  const opened = ref(JSON.stringify(first))
  let lastPlace = ''
  let lastAt = 0

  /** The next state; `place` names what is changed, so that typing is one step. */
  function change(next: T, place = ''): void {
    const together = place !== '' && place === lastPlace && Date.now() - lastAt < TOGETHER_MS
    if (!together) past.value = [...past.value.slice(-MOST + 1), state.value]
    future.value = []
    state.value = next
    lastPlace = place
    lastAt = Date.now()
  }

  function undo(): void {
    const before = past.value.at(-1)
    if (before === undefined) return
    past.value = past.value.slice(0, -1)
    future.value = [state.value, ...future.value]
    state.value = before
    lastPlace = ''
  }

  function redo(): void {
    const [next, ...rest] = future.value
    if (next === undefined) return
    past.value = [...past.value, state.value]
    future.value = rest
    state.value = next
    lastPlace = ''
  }

  /** A new beginning, from what was saved or fetched. */
  function reset(to: T): void {
    past.value = []
    future.value = []
    state.value = to
    opened.value = JSON.stringify(to)
  }

  return {
    state,
    change,
    undo,
    redo,
    reset,
    canUndo: computed(() => past.value.length > 0),
    canRedo: computed(() => future.value.length > 0),
    dirty: computed(() => JSON.stringify(state.value) !== opened.value),
  }
}
