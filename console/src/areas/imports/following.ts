/** One import, looked at again every moment while the server works on it or the search follows; a lost answer is asked
 * for again. */
import { computed, onScopeDispose, watch, type Ref } from 'vue'
import { useLoad } from '@/composables/load'
import { fetchImport, type ImportRun } from './api'
import { isRunning } from './stages'

const EVERY_MS = 1000
const AFTER_LOSS_MS = 4000

export function useImport(id: Ref<string>) {
  const { data: run, error, loading, reload } = useLoad(() => fetchImport(id.value), id)
  const running = computed(() => Boolean(run.value && run.value.id === id.value && isRunning(run.value.state)))
  let timer: ReturnType<typeof setTimeout> | undefined

  function follow(): void {
    clearTimeout(timer)
    const moving = running.value || Boolean(run.value?.search_waiting)
    if (moving && !loading.value) timer = setTimeout(reload, error.value ? AFTER_LOSS_MS : EVERY_MS)
  }

  /** Shows what a write has answered, without asking again. */
  function show(answer: ImportRun): void {
    run.value = answer
  }

  watch([run, error, loading], follow)
  onScopeDispose(() => clearTimeout(timer))
  return { run, error, loading, running, reload, show }
}
