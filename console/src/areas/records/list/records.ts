/**
 * The records of a list, page after page as one scrolls. Keyset paging knows only the way on, so each page keeps the
 * cursor that leads to it: pages far from what is seen are let go and asked for again when one comes back. So a list of
 * a million records costs the browser no more than one of a few thousand.
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

interface LoadedPage {
  /** What leads to the page; nothing for the first one. */
  cursor: string | undefined
  /** Null once it was let go. */
  items: RecordData[] | null
  size: number
}

export const PAGE = 100
const KEPT_AROUND = 12

/** A record after a change; the names of links that changed are known no more, unless the answer brought them. */
export function renewed(before: RecordData, after: RecordData): RecordData {
  const kept = Object.entries(before._labels ?? {}).filter(([name]) => !(name in after) || before[name] === after[name])
  return { ...before, ...after, _labels: after._labels ?? Object.fromEntries(kept) }
}

export function useRecords(object: string, query: Ref<ListQuery>) {
  const pages = shallowRef<LoadedPage[]>([])
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  const growing = ref(false)
  const next = ref<string | null>(null)
  const total = ref<Total>(null)
  const flights = new Set<number>()
  let turn = 0

  const count = computed(() => pages.value.reduce((sum, page) => sum + page.size, 0))
  /** What is loaded at present, in order. */
  const items = computed(() => pages.value.flatMap((page) => page.items ?? []))
  const rowAt = (index: number): RecordData | undefined => pages.value[Math.floor(index / PAGE)]?.items?.[index % PAGE]

  async function restart(): Promise<void> {
    const mine = ++turn
    loading.value = true
    error.value = null
    flights.clear()
    try {
      const answer = await queryRecords(object, body(undefined))
      if (mine !== turn) return
      pages.value = [{ cursor: undefined, items: answer.items, size: answer.items.length }]
      next.value = answer.next_cursor
      loading.value = false
      if (answer.next_cursor === null) total.value = { count: answer.items.length, kind: 'exact' }
      else void estimate(mine)
    } catch (problem) {
      if (mine === turn) fail(problem)
    }
  }

  /** How many there are is asked apart, so that counting never keeps the first page waiting. */
  async function estimate(mine: number): Promise<void> {
    total.value = null
    const answer = await count_('estimate').catch(() => null)
    if (mine === turn && answer?.total !== undefined)
      total.value = { count: answer.total, kind: answer.total_is ?? 'estimate' }
  }

  function fail(problem: unknown): void {
    loading.value = false
    if (!isAbort(problem)) error.value = problem
  }

  function body(cursor: string | undefined): RecordQuery {
    const { criteria, q, sort, fields } = query.value
    return { criteria, q: q || undefined, sort: [sort], fields, limit: PAGE, cursor, expand: ['labels'] }
  }

  /** The page that follows the last one. */
  async function more(): Promise<void> {
    const cursor = next.value
    if (!cursor || growing.value) return
    const mine = turn
    growing.value = true
    try {
      const answer = await queryRecords(object, body(cursor))
      if (mine !== turn) return
      pages.value = [...pages.value, { cursor, items: answer.items, size: answer.items.length }]
      next.value = answer.next_cursor
    } catch (problem) {
      if (mine === turn) fail(problem)
    } finally {
      growing.value = false
    }
  }

  /** Sees to it that the rows in view are there, and lets go of what is far from them. */
  function look(first: number, last: number): void {
    const from = Math.floor(first / PAGE)
    const to = Math.floor(last / PAGE)
    for (let place = from; place <= to; place += 1) if (pages.value[place]?.items === null) void again(place)
    if (last >= count.value - PAGE / 2) void more()
    const far = (place: number) => place < from - KEPT_AROUND || place > to + KEPT_AROUND
    if (pages.value.some((page, place) => page.items && far(place)))
      pages.value = pages.value.map((page, place) => (far(place) ? { ...page, items: null } : page))
  }

  async function again(place: number): Promise<void> {
    if (flights.has(place)) return
    const mine = turn
    flights.add(place)
    try {
      const answer = await queryRecords(object, body(pages.value[place]?.cursor))
      if (mine !== turn) return
      const found = answer.items.slice(0, PAGE)
      pages.value = pages.value.map((page, one) => (one === place ? { ...page, items: found } : page))
    } catch (problem) {
      if (mine === turn) fail(problem)
    } finally {
      flights.delete(place)
    }
  }

  /** Puts a record that was changed in the place of what is shown of it. */
  function replace(record: RecordData): void {
    pages.value = pages.value.map((page) =>
      page.items?.some((one) => one.id === record.id)
        ? { ...page, items: page.items.map((one) => (one.id === record.id ? renewed(one, record) : one)) }
        : page,
    )
  }

  function count_(kind: 'exact' | 'estimate') {
    const { criteria, q } = query.value
    return queryRecords(object, { criteria, q: q || undefined, fields: ['id'], limit: 1, total: kind })
  }

  async function countExactly(): Promise<void> {
    const answer = await count_('exact')
    if (answer.total !== undefined) total.value = { count: answer.total, kind: answer.total_is ?? 'exact' }
  }

  watch(query, restart, { immediate: true })
  return {
    items,
    count,
    rowAt,
    error,
    loading,
    growing,
    next,
    total,
    look,
    more,
    reload: restart,
    replace,
    countExactly,
  }
}
