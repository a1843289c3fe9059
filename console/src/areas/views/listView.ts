/**
 * The view that a list shows: a saved one, or all records. Conditions and order that differ from the saved ones stand in
 * the address, so a link tells what is seen; columns and other layout are kept as a draft until they are saved. For all
 * records the browser remembers the layout.
 */
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import type { Criteria } from '@/criteria/model'
import { both, parseCriteria } from '@/criteria/tree'
import { useMetadata } from '@/stores/metadata'
import { useUi } from '@/stores/ui'
import type { SavedView, ViewBody, ViewColumn, ViewHead } from './api'
import { EVERY, NO_CRITERIA, standardBody } from './model'
import { useViews } from './store'

const MINE: Criteria = { field: 'owner_id', op: 'eq', value: '$me' }

export interface ShownColumn {
  field: FieldDefinition
  width: number | null
}

export function useListView(object: ObjectDefinition) {
  const route = useRoute()
  const router = useRouter()
  const store = useViews()
  const ui = useUi()

  const list = computed(() => store.of(object.name))
  const wanted = computed(() => String(route.query.view ?? ''))
  const active = computed(() => list.value.items.find((view) => view.id === wanted.value) ?? null)
  const fields = computed(() => useMetadata().fieldsOf(object.name))
  const memory = computed(() => (ui.memory.layouts[object.name] ?? {}) as Partial<ViewBody>)
  const draft = computed(() => (active.value ? (store.drafts[active.value.id] ?? {}) : memory.value))

  const body = computed<ViewBody>(() => {
    const saved = active.value ?? standardBody(object)
    const laid = { ...saved, ...draft.value }
    return { ...laid, columns: laid.columns.length ? laid.columns : standardBody(object).columns }
  })
  const kind = computed(() => active.value?.kind ?? 'list')
  const q = computed(() => String(route.query.q ?? ''))
  const mine = computed(() => route.query.mine === '1')
  const criteria = computed(() => {
    const said = route.query.f
    if (said === undefined) return body.value.criteria
    return said === NO_CRITERIA ? null : parseCriteria(said)
  })
  const sort = computed(() => String(route.query.sort ?? body.value.sort[0] ?? '-created_at'))
  /** Everything that narrows the list, as the server is asked. */
  const asked = computed(() => both(mine.value ? MINE : null, criteria.value))
  const narrowed = computed(() => Boolean(q.value || asked.value))
  const columns = computed<ShownColumn[]>(() =>
    body.value.columns.flatMap(({ field, width }) => {
      const found = fields.value.find((one) => one.name === field)
      return found ? [{ field: found, width }] : []
    }),
  )
  const changed = computed(
    () =>
      active.value !== null &&
      (Object.keys(draft.value).length > 0 || route.query.f !== undefined || route.query.sort !== undefined),
  )

  function put(changes: LocationQuery): void {
    const query = { ...route.query, ...changes }
    for (const [name, value] of Object.entries(query)) if (!value) delete query[name]
    void router.replace({ query })
  }

  function setCriteria(value: Criteria | null): void {
    const emptied = active.value?.criteria ? NO_CRITERIA : ''
    put({ f: value ? JSON.stringify(value) : emptied })
  }

  /** Changes the layout: of the saved view as a draft, of all records at once. */
  function lay(changes: Partial<ViewBody>): void {
    if (active.value) store.draft(active.value.id, changes)
    else ui.memory.layouts = { ...ui.memory.layouts, [object.name]: { ...memory.value, ...changes } }
  }

  const setColumns = (names: string[]) =>
    lay({
      columns: names.map((field) => body.value.columns.find((one) => one.field === field) ?? { field, width: null }),
    })

  const setWidth = (field: string, width: number | null) =>
    lay({ columns: body.value.columns.map((one): ViewColumn => (one.field === field ? { field, width } : one)) })

  function restore(): void {
    if (active.value) return store.forgetDraft(active.value.id)
    const { [object.name]: _own, ...others } = ui.memory.layouts
    ui.memory.layouts = others
  }

  const open = (view: SavedView | null) => void router.push({ query: { view: view?.id ?? EVERY } })

  /** Opens the person's default, unless the address says what to show. */
  async function settle(): Promise<void> {
    await store.load(object.name)
    const standard = list.value.items.find((view) => view.id === list.value.default_id && view.usable)
    if (standard && Object.keys(route.query).length === 0) await router.replace({ query: { view: standard.id } })
  }

  /** What would be saved now. */
  const current = (): ViewBody => ({ ...body.value, criteria: asked.value, sort: [sort.value] })

  async function save(changes: Partial<ViewHead> = {}): Promise<void> {
    if (!active.value) return
    await store.change(active.value, { ...current(), ...changes })
    put({ f: '', sort: '', mine: '' })
  }

  async function saveAs(head: ViewHead, more: Partial<ViewBody> = {}): Promise<SavedView> {
    const made = await store.create(object.name, { ...current(), ...more, ...head })
    if (active.value) store.forgetDraft(active.value.id)
    open(made)
    return made
  }

  function discard(): void {
    if (active.value) store.forgetDraft(active.value.id)
    put({ f: '', sort: '' })
  }

  return {
    list,
    active,
    body,
    kind,
    fields,
    columns,
    q,
    mine,
    criteria,
    sort,
    asked,
    narrowed,
    changed,
    setQ: (text: string) => put({ q: text.trim() }),
    setSort: (order: string) => put({ sort: order }),
    setMine: (on: boolean) => put({ mine: on ? '1' : '' }),
    reset: () => put({ q: '', mine: '', f: active.value?.criteria ? NO_CRITERIA : '' }),
    setCriteria,
    setColumns,
    setWidth,
    lay,
    restore,
    open,
    settle,
    current,
    save,
    saveAs,
    discard,
  }
}

export type ListView = ReturnType<typeof useListView>
