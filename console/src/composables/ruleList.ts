/** What an administrator sets up and switches on and off, one under the other: read, opened, paused, removed, saved. */
import { ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useNotices } from '@/stores/notices'
import { confirm, type Question } from './confirm'
import { useLoad } from './load'

export interface Rule {
  id: string
  active: boolean
}

interface Calls<T> {
  read: () => Promise<T[]>
  pause: (item: T) => Promise<unknown>
  remove: (item: T) => Promise<unknown>
  question: (item: T) => Pick<Question, 'title' | 'body'>
  /** What else is to be read again once something was saved. */
  after?: () => Promise<unknown>
}

export type RuleList<T extends Rule> = ReturnType<typeof useRuleList<T>>

export function useRuleList<T extends Rule>({ read, pause, remove, question, after }: Calls<T>) {
  const { t } = useI18n()
  const notices = useNotices()
  const { data, error, loading, reload } = useLoad(read)
  const opened = ref(null) as Ref<T | 'new' | null>

  async function act(work: Promise<unknown>, words: string): Promise<void> {
    try {
      await work
      notices.success(words)
      await reload()
    } catch (problem) {
      notices.failure(problem)
    }
  }

  async function removed(item: T): Promise<void> {
    if (await confirm({ accept: t('common.delete'), danger: true, ...question(item) }))
      await act(remove(item), t('common.deleted'))
  }

  async function saved(): Promise<void> {
    opened.value = null
    notices.success(t('common.saved'))
    await Promise.all([reload(), after?.()])
  }

  return {
    data,
    error,
    loading,
    reload,
    opened,
    pause: (item: T) => act(pause(item), t('common.saved')),
    remove: removed,
    saved,
  }
}
