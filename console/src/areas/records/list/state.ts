/** What a list shows, kept in its address so that it can be sent to a colleague and survives the way back. */
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import type { Criteria } from '@/criteria/model'
import { both, parseCriteria } from '@/criteria/tree'

const MINE: Criteria = { field: 'owner_id', op: 'eq', value: '$me' }

export function useListState() {
  const route = useRoute()
  const router = useRouter()

  const q = computed(() => String(route.query.q ?? ''))
  const sort = computed(() => String(route.query.sort ?? '-created_at'))
  const mine = computed(() => route.query.mine === '1')
  const criteria = computed(() => parseCriteria(route.query.f))
  /** Everything that narrows the list, as the server is asked. */
  const asked = computed(() => both(mine.value ? MINE : null, criteria.value))
  const narrowed = computed(() => Boolean(q.value || asked.value))

  function put(changes: LocationQuery): void {
    const query = { ...route.query, ...changes }
    for (const [name, value] of Object.entries(query)) if (!value) delete query[name]
    void router.replace({ query })
  }

  return {
    q,
    sort,
    mine,
    criteria,
    asked,
    narrowed,
    setQ: (text: string) => put({ q: text.trim() }),
    setSort: (order: string) => put({ sort: order }),
    setMine: (on: boolean) => put({ mine: on ? '1' : '' }),
    setCriteria: (value: Criteria | null) => put({ f: value ? JSON.stringify(value) : '' }),
    reset: () => put({ q: '', f: '', mine: '' }),
  }
}

/** The next order when a head is clicked: up, down, and back to the list's own. */
export function nextSort(current: string, field: string): string {
  if (current === field) return `-${field}`
  return current === `-${field}` ? '' : field
}
