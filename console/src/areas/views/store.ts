/** The saved views of each object, what the person pinned, and what he has changed in one without saving it. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import {
  changeView,
  chooseViews,
  createView,
  deleteView,
  fetchPinned,
  fetchViews,
  type SavedView,
  type ViewBody,
  type ViewChoice,
  type ViewHead,
  type ViewList,
} from './api'

const NONE: ViewList = { items: [], default_id: null, choice: { default_id: null, pinned: [], order: [] } }

export const useViews = defineStore('views', () => {
  const lists = ref<Record<string, ViewList>>({})
  const pinned = ref<SavedView[]>([])
  const drafts = ref<Record<string, Partial<ViewBody>>>({})

  const of = (object: string): ViewList => lists.value[object] ?? NONE

  async function load(object: string): Promise<void> {
    lists.value = { ...lists.value, [object]: await fetchViews(object) }
  }

  async function loadPinned(): Promise<void> {
    pinned.value = (await fetchPinned()).items.filter((view) => view.usable)
  }

  async function create(object: string, view: Partial<ViewBody> & ViewHead): Promise<SavedView> {
    const made = await createView(object, view)
    await load(object)
    return made
  }

  async function change(view: SavedView, changes: Partial<ViewBody> & Partial<ViewHead>): Promise<SavedView> {
    const changed = await changeView(view, changes)
    forgetDraft(view.id)
    await Promise.all([load(view.object), loadPinned()])
    return changed
  }

  async function remove(view: SavedView): Promise<void> {
    await deleteView(view)
    forgetDraft(view.id)
    await Promise.all([load(view.object), loadPinned()])
  }

  async function choose(object: string, changes: Partial<ViewChoice>): Promise<void> {
    await chooseViews(object, { ...of(object).choice, ...changes })
    await Promise.all([load(object), loadPinned()])
  }

  function draft(id: string, changes: Partial<ViewBody>): void {
    drafts.value = { ...drafts.value, [id]: { ...drafts.value[id], ...changes } }
  }

  function forgetDraft(id: string): void {
    const { [id]: _gone, ...others } = drafts.value
    drafts.value = others
  }

  return { lists, pinned, drafts, of, load, loadPinned, create, change, remove, choose, draft, forgetDraft }
})
