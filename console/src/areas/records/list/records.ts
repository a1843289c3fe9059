/**
 * The records of a list, a page at a time. Keyset paging knows only the way on, so the cursors that led here are kept
 * as a stack for the way back.
 */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { queryRecords, type RecordQuery } from '@/api/customer'
import { isAbort } from '@/api/problem'
import type { RecordData } from '@/api/types'
import type { Criteria } from '@/criteria/model'

export interface ListQuery {
  criteria: Criteria | null
  q: string
  sort: string
  fields: string[]
}

export type Total = { count: number; kind: 'exact' | 'at_least' | 'estimate' } | null

export function useRecords(object: string, query: Ref<ListQuery>, size: Ref<number>) {
  const items = shallowRef<RecordData[]>([])
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  const stack = ref<string[]>([])
  const next = ref<string | null>(null)
  const total = ref<Total>(null)
  let turn = 0

  const page = computed(() => stack.value.length + 1)
  const first = computed(() => stack.value.length * size.value + (items.value.length ? 1 : 0))
  const last = computed(() => stack.value.length * size.value + items.value.length)

  async function load(more = false): Promise<void> {
    const mine = ++turn
    loading.value = true
    error.value = null
    try {
      const answer = await queryRecords(object, body(more ? next.value : stack.value.at(-1)))
      if (mine !== turn) return
      items.value = more ? [...items.value, ...answer.items] : answer.items
      next.value = answer.next_cursor
      if (answer.total !== undefined) total.value = { count: answer.total, kind: answer.total_is ?? 'estimate' }
      loading.value = false
    } catch (problem) {
      if (mine === turn) fail(problem)
    }
  }

  function fail(problem: unknown): void {
    loading.value = false
    if (!isAbort(problem)) error.value = problem
  }

  function body(cursor: string | null | undefined): RecordQuery {
    const { criteria, q, sort, fields } = query.value
    return {
      criteria,
      q: q || undefined,
      sort: [sort],
      fields,
      limit: size.value,
      cursor: cursor ?? undefined,
      total: cursor ? undefined : 'estimate',
      expand: ['labels'],
    }
  }

  async function countExactly(): Promise<void> {
    const { criteria, q } = query.value
    const answer = await queryRecords(object, { criteria, q: q || undefined, fields: ['id'], limit: 1, total: 'exact' })
    if (answer.total !== undefined) total.value = { count: answer.total, kind: 'exact' }
  }

  function restart(): void {
    stack.value = []
    void load()
  }

  function forward(): void {
    if (!next.value) return
    stack.value = [...stack.value, next.value]
    void load()
  }

  function backward(): void {
    stack.value = stack.value.slice(0, -1)
    void load()
  }

  watch([query, size], restart, { immediate: true })
  return {
    items,
    error,
    loading,
    next,
    total,
    page,
    first,
    last,
    reload: () => load(),
    more: () => load(true),
    restart,
    forward,
    backward,
    countExactly,
  }
}
