/** Sending a form: busy meanwhile, the server's objections at their fields, a notice for everything else. */
import { ref } from 'vue'
import { isProblem } from '@/api/problem'
import { t } from '@/i18n'
import { useNotices } from '@/stores/notices'

export function useSaving() {
  const busy = ref(false)
  const errors = ref<Record<string, string>>({})

  /** The answer of the server, or undefined when it refused. */
  async function save<T>(send: () => Promise<T>): Promise<{ answer: T } | undefined> {
    busy.value = true
    errors.value = {}
    try {
      return { answer: await send() }
    } catch (problem) {
      if (isProblem(problem)) errors.value = problem.byField()
      if (!Object.keys(errors.value).length) tell(problem)
      return undefined
    } finally {
      busy.value = false
    }
  }

  return { busy, errors, save }
}

function tell(problem: unknown): void {
  useNotices().failure(problem, isProblem(problem, 412) ? t('common.conflict') : undefined)
}

/** Does one thing and says so; true when it worked. */
export async function act(work: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await work()
    useNotices().success(done)
    return true
  } catch (problem) {
    useNotices().failure(problem)
    return false
  }
}
