/** The dead letters of all services as one list, newest first; a service that does not answer is named, not fatal. */
import { computed, ref, shallowRef } from 'vue'
import { isAbort } from '@/api/problem'
import { SERVICES, fetchLetters, type DeadLetter, type ServiceName } from './api/deadLetters'

export function useLetters() {
  const items = shallowRef<DeadLetter[]>([])
  const silent = ref<ServiceName[]>([])
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  const cursors = ref<Partial<Record<ServiceName, string>>>({})
  const hasMore = computed(() => Object.keys(cursors.value).length > 0)

  async function take(services: readonly ServiceName[]): Promise<DeadLetter[]> {
    const asked = { ...cursors.value }
    const answers = await Promise.allSettled(services.map((name) => fetchLetters(name, asked[name])))
    const failed = services.filter((_, index) => answers[index]?.status === 'rejected')
    silent.value = [...new Set([...silent.value, ...failed])]
    error.value = failed.length === services.length ? (answers[0] as PromiseRejectedResult).reason : null
    return answers.flatMap((answer, index) => {
      const name = services[index] as ServiceName
      if (answer.status === 'rejected') return []
      const { [name]: _, ...others } = cursors.value
      cursors.value = answer.value.next_cursor ? { ...others, [name]: answer.value.next_cursor } : others
      return answer.value.items
    })
  }

  async function load(services: readonly ServiceName[], before: DeadLetter[]): Promise<void> {
    loading.value = true
    const found = await take(services)
    if (isAbort(error.value)) return
    items.value = [...before, ...found].sort((one, other) => other.dead_at.localeCompare(one.dead_at))
    loading.value = false
  }

  function reload(): Promise<void> {
    silent.value = []
    cursors.value = {}
    return load(SERVICES, [])
  }

  const more = () => load(Object.keys(cursors.value) as ServiceName[], items.value)
  const forget = (letter: DeadLetter) => (items.value = items.value.filter((one) => one !== letter))

  void reload()
  return { items, silent, error, loading, hasMore, more, reload, forget }
}
