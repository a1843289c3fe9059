/** The columns of a kanban: cards page by page, counts and sums beside them, and moving a card from one to another. */
import { ref, shallowRef, watch, type Ref } from 'vue'
import { fetchRecord, updateRecord } from '@/api/customer'
import { isAbort, isProblem } from '@/api/problem'
import type { RecordData } from '@/api/types'
import { fetchKanban, fetchTotals, type BoardQuery, type KanbanColumn, type TotalGroup } from './api'

export interface KanbanQuery extends BoardQuery {
  group_field: string
  sum_field: string | null
}

export const CARDS = 20

export function useKanban(object: string, query: Ref<KanbanQuery>) {
  const columns = shallowRef<KanbanColumn[]>([])
  const groups = shallowRef<Map<string | null, TotalGroup> | null>(null)
  const sure = ref<'exact' | 'at_least' | 'unknown'>('exact')
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  const growing = ref<string | null | undefined>(undefined)
  const underway = new Map<string, Promise<void>>()
  let turn = 0

  async function load(): Promise<void> {
    const mine = ++turn
    loading.value = true
    error.value = null
    void count(mine)
    try {
      const found = await fetchKanban(object, body())
      if (mine === turn) columns.value = found
    } catch (problem) {
      if (mine === turn && !isAbort(problem)) error.value = problem
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  function body() {
    const { sum_field: _sum, ...asked } = query.value
    return { ...asked, limit: CARDS }
  }

  /** Counts and sums come when they come; the cards do not wait for them. */
  async function count(mine = turn): Promise<void> {
    const { criteria, q, group_field, sum_field } = query.value
    const totals = sum_field ? [{ field: sum_field, function: 'sum' as const }] : []
    const answer = await fetchTotals(object, { criteria: criteria ?? null, q: q ?? '', totals, group_field }).catch(
      () => null,
    )
    if (mine !== turn) return
    sure.value = answer?.is ?? 'unknown'
    groups.value = answer && answer.is !== 'unknown' ? new Map(answer.groups.map((one) => [one.value, one])) : null
  }

  async function more(column: KanbanColumn): Promise<void> {
    if (!column.next_cursor || growing.value !== undefined) return
    const mine = turn
    growing.value = column.value
    try {
      const [next] = await fetchKanban(object, { ...body(), columns: [column.value], cursor: column.next_cursor })
      if (mine !== turn || !next) return
      change(column.value, (one) => ({ ...next, items: [...one.items, ...next.items] }))
    } catch (problem) {
      if (!isAbort(problem)) error.value = problem
    } finally {
      growing.value = undefined
    }
  }

  function change(value: string | null, renewed: (column: KanbanColumn) => KanbanColumn): void {
    columns.value = columns.value.map((one) => (one.value === value ? renewed(one) : one))
  }

  const take = (value: string | null, id: string) =>
    change(value, (one) => ({ ...one, items: one.items.filter((card) => card.id !== id) }))

  function put(value: string | null, card: RecordData, place: number): void {
    change(value, (one) => ({ ...one, items: one.items.toSpliced(place, 0, card) }))
  }

  /**
   * Moves a card at once and asks the server; what it refuses goes back to its old place, and the problem is thrown.
   * A card that is moved on before the server has answered waits for that answer, and stays when it was a refusal.
   */
  function move(card: RecordData, to: string | null): Promise<void> {
    const before = underway.get(card.id)
    const now = before ? before.then(() => moveNow(card.id, to)) : moveNow(card.id, to)
    underway.set(card.id, now)
    const forget = () => {
      if (underway.get(card.id) === now) underway.delete(card.id)
    }
    now.then(forget, forget)
    return now
  }

  async function moveNow(id: string, to: string | null): Promise<void> {
    const field = query.value.group_field
    const source = columns.value.find((one) => one.items.some((card) => card.id === id))
    const place = source?.items.findIndex((card) => card.id === id) ?? -1
    const card = source?.items[place]
    if (!source || !card || source.value === to) return
    const from = source.value
    take(from, card.id)
    put(to, { ...card, [field]: to }, 0)
    try {
      const written = await updateRecord(object, card.id, { [field]: to }, card.version)
      change(to, (one) => ({
        ...one,
        items: one.items.map((item) => (item.id === card.id ? { ...item, ...written, _labels: item._labels } : item)),
      }))
      void count()
    } catch (problem) {
      take(to, card.id)
      put(from, isProblem(problem, 412) ? await newest(card) : card, place)
      throw problem
    }
  }

  const newest = (card: RecordData) => fetchRecord(object, card.id).catch(() => card)

  watch(query, load, { immediate: true })
  return { columns, groups, sure, loading, error, growing, reload: load, more, move }
}
