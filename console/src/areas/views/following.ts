/** Follows a bulk job while it is under way. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { fetchBulk, isUnderWay, type BulkJob } from './bulkApi'

const PAUSE_MS = 800

export function useFollowedJob(start: Ref<BulkJob | null>, ended: (job: BulkJob) => void) {
  const job = shallowRef<BulkJob | null>(start.value)
  const lost = ref(false)
  let timer = 0

  function follow(): void {
    clearTimeout(timer)
    if (job.value && isUnderWay(job.value)) timer = window.setTimeout(() => void look(), PAUSE_MS)
  }

  async function look(): Promise<void> {
    if (!job.value) return
    try {
      job.value = await fetchBulk(job.value.id)
      lost.value = false
      if (!isUnderWay(job.value)) ended(job.value)
    } catch {
      lost.value = true
    }
    follow()
  }

  function take(known: BulkJob | null): void {
    job.value = known
    follow()
  }

  watch(start, take, { immediate: true })
  onScopeDispose(() => clearTimeout(timer))
  return { job, lost, take }
}
