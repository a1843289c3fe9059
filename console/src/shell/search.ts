/** The search in the top bar asks every object at once and shows the first few of each. */
import { ref, watch, type Ref } from 'vue'
import { queryRecords } from '@/api/customer'
import type { ObjectDefinition, RecordData } from '@/api/types'
import { useMetadata } from '@/stores/metadata'
import { useSession } from '@/stores/session'

const WAIT_MS = 220
const EACH = 5
const SHORTEST = 2

export interface Found {
  object: ObjectDefinition
  items: RecordData[]
}

export function useSearch(words: Ref<string>) {
  const metadata = useMetadata()
  const session = useSession()
  const groups = ref<Found[]>([])
  const busy = ref(false)
  let timer = 0
  let controller = new AbortController()

  watch(words, (value) => {
    clearTimeout(timer)
    controller.abort()
    if (value.trim().length < SHORTEST) return clear()
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
    const searched = metadata.objects.filter((object) => session.mayDo(object.name, 'read'))
    const answers = await Promise.allSettled(searched.map((object) => ask(object, q, signal)))
    if (signal.aborted) return
    groups.value = answers
      .flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
      .filter((group) => group.items.length > 0)
    busy.value = false
  }

  async function ask(object: ObjectDefinition, q: string, signal: AbortSignal): Promise<Found> {
    const fields = [...new Set([object.title_field, ...object.list_fields.slice(0, 3)])]
    const page = await queryRecords(object.name, { q, limit: EACH, fields, expand: ['labels'] }, signal)
    return { object, items: page.items }
  }

  return { groups, busy }
}
