/** Reading for a page: data, error, loading; the newest call wins, a dropped one says nothing. */
import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from 'vue'
import type { Page } from '@/api/types'
import { isAbort } from '@/api/problem'

/** Loads at once, and again whenever one of the sources changes. `reload()` keeps the old data in view meanwhile. */
export function useLoad<T>(read: () => Promise<T>, ...sources: WatchSource[]) {
  const data = shallowRef<T>()
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  let turn = 0

  async function reload(): Promise<void> {
    const mine = ++turn
    loading.value = true
    try {
      const answer = await read()
      if (mine === turn) settle(answer, null)
    } catch (problem) {
      if (mine === turn && !isAbort(problem)) settle(data.value, problem)
    }
  }

  function settle(answer: T | undefined, problem: unknown): void {
    data.value = answer
    error.value = problem
    loading.value = false
  }

  if (sources.length) watch(sources, () => void reload())
  void reload()
  onScopeDispose(() => (turn = -1))
  return { data, error, loading, reload }
}

/** A list that grows: first page at once, further pages on `more()`. Starts over when one of the sources changes. */
export function usePages<T>(read: (cursor?: string) => Promise<Page<T>>, ...sources: WatchSource[]) {
  const items = shallowRef<T[]>([])
  const cursor = ref<string | null>(null)
  const total = ref<number>()
  const first = useLoad(
    async () => {
      const page = await read()
      items.value = page.items
      cursor.value = page.next_cursor
      total.value = page.total
      return page
    },
    ...sources,
  )
  const growing = ref(false)

  async function more(): Promise<void> {
    if (!cursor.value || growing.value) return
    growing.value = true
    try {
      const page = await read(cursor.value)
      items.value = [...items.value, ...page.items]
      cursor.value = page.next_cursor
    } finally {
      growing.value = false
    }
  }

  return { items, cursor, total, more, growing, error: first.error, loading: first.loading, reload: first.reload }
}
