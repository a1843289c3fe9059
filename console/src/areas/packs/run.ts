import { computed, onBeforeUnmount, ref } from 'vue'
import { useNotices } from '@/stores/notices'
import { fetchRun, type PackRun } from './api'

/** How an installation or a removal goes: asked for until it has ended, as long as somebody looks. */
const ASK_MS = 800
const AFTER_TROUBLE_MS = 4000

export const isGoing = (run: PackRun) => run.state === 'installing' || run.state === 'removing'

export function usePackRun(first: PackRun, ended: (run: PackRun) => void) {
  const notices = useNotices()
  const run = ref(first)
  const going = computed(() => isGoing(run.value))
  const percent = computed(() => Math.round((100 * run.value.progress.done) / Math.max(1, run.value.progress.total)))
  let timer = 0

  function follow(found: PackRun): void {
    run.value = found
    if (going.value) timer = window.setTimeout(() => void ask(), ASK_MS)
    else ended(found)
  }

  async function ask(): Promise<void> {
    try {
      follow(await fetchRun(run.value.id))
    } catch (problem) {
      notices.failure(problem)
      timer = window.setTimeout(() => void ask(), AFTER_TROUBLE_MS)
    }
  }

  if (going.value) void ask()
  onBeforeUnmount(() => window.clearTimeout(timer))
  return { run, going, percent, follow }
}

const dismissed = new Set<string>()

/** Of each pack the newest run, when it goes on, or has failed and nobody has put it aside. */
export function openRuns(runs: PackRun[]): PackRun[] {
  const newest = runs.filter((run, place) => runs.findIndex((one) => one.pack === run.pack) === place)
  return newest.filter((run) => isGoing(run) || (run.state === 'failed' && !dismissed.has(run.id)))
}

export const putAside = (run: PackRun) => dismissed.add(run.id)
