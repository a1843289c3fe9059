/** Saving of what is designed: somebody else may have saved meanwhile, and what is wrong is shown in its own part. */
import { ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave } from 'vue-router'
import type { Fault } from '@/api/faults'
import { isProblem } from '@/api/problem'
import { confirm } from '@/composables/confirm'
import { useNotices } from '@/stores/notices'
import type { useHistory } from './history'

interface Design<Body, Kept extends { version: number }> {
  history: ReturnType<typeof useHistory<Body>>
  /** What is kept now; null for what was never saved. */
  standing: Ref<Kept | null>
  send: (version: number | undefined) => Promise<Kept>
  bodyOf: (kept: Kept) => Body
  /** Goes to the address of what was saved. */
  follow: (kept: Kept) => Promise<unknown>
  /** Opens the part in which something is wrong. */
  show: (faults: Fault[]) => void
  reload: () => Promise<void>
}

export function useDesign<Body extends object, Kept extends { version: number }>(design: Design<Body, Kept>) {
  const { t } = useI18n()
  const notices = useNotices()
  const { history, standing } = design
  const busy = ref(false)
  const faults = ref<Fault[]>([])
  const conflict = ref<'' | 'other' | 'gone'>('')
  let leaving = false

  function change(changes: Partial<Body>, about = ''): void {
    faults.value = []
    history.change({ ...history.state.value, ...changes }, about)
  }

  async function save(version = standing.value?.version): Promise<void> {
    busy.value = true
    faults.value = []
    conflict.value = ''
    try {
      await keep(await design.send(version))
    } catch (problem) {
      refuse(problem)
    } finally {
      busy.value = false
    }
  }

  async function keep(kept: Kept): Promise<void> {
    notices.success(t('forms.saved'))
    standing.value = kept
    history.reset(design.bodyOf(kept))
    leaving = true
    await design.follow(kept)
    leaving = false
  }

  function refuse(problem: unknown): void {
    if (isProblem(problem, 412)) conflict.value = 'other'
    else if (isProblem(problem, 404)) conflict.value = 'gone'
    else if (isProblem(problem) && problem.fields.length) wants(problem.fields)
    else notices.failure(problem)
  }

  function wants(found: Fault[]): void {
    faults.value = found
    design.show(found)
  }

  /** The way out of a conflict that keeps what is designed here. */
  async function keepMine(): Promise<void> {
    if (conflict.value === 'gone') standing.value = null
    await save(undefined)
  }

  async function takeTheirs(): Promise<void> {
    conflict.value = ''
    await design.reload()
  }

  onBeforeRouteLeave(async () => {
    if (leaving || !history.dirty.value) return true
    return confirm({ title: t('forms.leaveTitle'), body: t('forms.leaveText'), accept: t('forms.leave'), danger: true })
  })

  return { busy, faults, conflict, change, save, wants, keepMine, takeTheirs }
}
