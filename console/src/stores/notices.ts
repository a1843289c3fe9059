/** Short messages at the edge of the screen: done, or refused with the request id that support asks for. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { ProblemError, UnreachableError, isAbort } from '@/api/problem'
import { t } from '@/i18n'

export interface Notice {
  id: number
  tone: 'success' | 'error' | 'info'
  title: string
  detail?: string
  requestId?: string
  action?: { label: string; run: () => void }
}

const LIFE_MS = { success: 4000, info: 6000, error: 12_000 }

export const useNotices = defineStore('notices', () => {
  const items = ref<Notice[]>([])
  let last = 0

  function show(notice: Omit<Notice, 'id'>): void {
    const id = ++last
    items.value = [...items.value.slice(-3), { id, ...notice }]
    setTimeout(() => close(id), LIFE_MS[notice.tone])
  }

  function close(id: number): void {
    items.value = items.value.filter((notice) => notice.id !== id)
  }

  const success = (title: string, detail?: string) => show({ tone: 'success', title, detail })

  /** Tells what went wrong; a read that was dropped because the person moved on is not worth a word. */
  function failure(error: unknown, title?: string): void {
    if (isAbort(error)) return
    show({ tone: 'error', ...wordsFor(error, title) })
  }

  return { items, show, close, success, failure }
})

/** Title, sentence and request id for an error of any kind. */
export function wordsFor(error: unknown, title?: string): { title: string; detail?: string; requestId?: string } {
  if (error instanceof ProblemError) {
    const detail = error.fields[0]?.detail || error.detail || error.title
    return { title: title ?? (error.title || t('common.failed')), detail, requestId: error.requestId || undefined }
  }
  if (error instanceof UnreachableError) return { title: t('common.unreachable'), detail: t('common.unreachableHint') }
  return { title: title ?? t('common.failed'), detail: error instanceof Error ? error.message : undefined }
}
