/** The search in the top bar: one question for all objects, the best group first; a group can be asked for more. */
import { ref, watch, type Ref } from 'vue'
import { searchEverything, type SearchGroup, type SearchHit } from '@/api/search'
import type { ObjectDefinition } from '@/api/types'
import { useMetadata } from '@/stores/metadata'

const WAIT_MS = 150
const EACH = 5
const MORE = 20
const WIDE = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/

export interface Found {
  object: ObjectDefinition
  items: SearchHit[]
  more: boolean
}

/** Two letters, or one Chinese character. */
export const isEnough = (words: string): boolean => words.trim().length > 1 || WIDE.test(words)

export function useSearch(words: Ref<string>) {
  const metadata = useMetadata()
  const groups = ref<Found[]>([])
  const busy = ref(false)
  const failed = ref(false)
  let timer = 0
  let controller = new AbortController()

  watch(words, (value) => {
    clearTimeout(timer)
    controller.abort()
    failed.value = false
    if (!isEnough(value)) return clear()
    busy.value = true
    timer = window.setTimeout(() => void run(value.trim()), WAIT_MS)
  })

  function clear(): void {
    groups.value = []
    busy.value = false
  }

  async function run(q: string): Promise<void> {
    controller = new AbortController()
    const { signal } = controller
    try {
      const found = await searchEverything(q, { limit: EACH }, signal)
      if (!signal.aborted) groups.value = named(found)
    } catch {
      if (signal.aborted) return
      groups.value = []
      failed.value = true
    }
    if (!signal.aborted) busy.value = false
  }

  async function showMore(group: Found): Promise<void> {
    const { signal } = controller
    const [answer] = await searchEverything(words.value.trim(), { objects: group.object.name, limit: MORE }, signal)
    if (!signal.aborted && answer) Object.assign(group, { items: answer.items, more: false })
  }

  function named(found: SearchGroup[]): Found[] {
    return found.flatMap((group) => {
      const object = metadata.objects.find((one) => one.name === group.object)
      return object ? [{ object, items: group.items, more: group.more }] : []
    })
  }

  return { groups, busy, failed, showMore }
}
