/** Sending a form whose objections are told at their places, however deep; a notice for everything without one. */
import { ref, shallowRef } from 'vue'
import { sentencesAt, type Fault } from '@/api/faults'
import { isProblem } from '@/api/problem'
import { t } from '@/i18n'
import { useNotices } from '@/stores/notices'

export function useFaults() {
  const busy = ref(false)
  const faults = shallowRef<Fault[]>([])

  /** The answer of the server in a box, or undefined when it refused. */
  async function save<T>(send: () => Promise<T>): Promise<{ answer: T } | undefined> {
    busy.value = true
    faults.value = []
    try {
      return { answer: await send() }
    } catch (problem) {
      if (isProblem(problem)) faults.value = problem.fields.filter((one) => one.pointer)
      if (!faults.value.length) tell(problem)
      return undefined
    } finally {
      busy.value = false
    }
  }

  const at = (...places: string[]) => sentencesAt(faults.value, ...places).join(' ') || undefined

  return { busy, faults, save, at }
}

function tell(problem: unknown): void {
  useNotices().failure(problem, isProblem(problem, 412) ? t('objects.conflict') : undefined)
}
