/** Follows work of a server while it is under way: asks again after a moment, and when there was no answer too. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'

const PAUSE_MS = 800

export function useFollowed<T extends { id: string }>(
  start: Ref<T | null>,
  read: (id: string) => Promise<T>,
  isUnderWay: (job: T) => boolean,
  ended: (job: T) => void,
) {
  const job = shallowRef<T | null>(start.value)
  const lost = ref(false)
  let timer = 0

  function follow(): void {
    clearTimeout(timer)
    if (job.value && isUnderWay(job.value)) timer = window.setTimeout(() => void look(), PAUSE_MS)
  }

  async function look(): Promise<void> {
    if (!job.value) return
    const { id } = job.value
    try {
      const answer = await read(id)
      if (job.value?.id !== id) return
      job.value = answer
      lost.value = false
      if (!isUnderWay(answer)) ended(answer)
    } catch {
      lost.value = true
    }
    follow()
  }

  function take(known: T | null): void {
    job.value = known
    follow()
  }

  watch(start, take, { immediate: true })
  onScopeDispose(() => clearTimeout(timer))
  return { job, lost, take }
}
