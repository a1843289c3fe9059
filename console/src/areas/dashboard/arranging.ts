/** A board while it is arranged: its widgets as they will be, kept together or not at all. */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave } from 'vue-router'
import { confirm } from '@/composables/confirm'
import { act, useSaving } from '@/composables/saving'
import { useText } from '@/composables/text'
import { useMetadata } from '@/stores/metadata'
import { askWidget, changeBoard, deleteBoard, type Board, type BoardAnswer, type Place, type Widget } from './api'
import { arranged, below, freeKey } from './editing'

export interface BoardOnPage {
  chosen: Ref<Board | undefined> | ComputedRef<Board | undefined>
  choose: (board: Board | undefined) => void
  answers: Ref<BoardAnswer | undefined>
  reload: () => Promise<unknown>
  ask: () => Promise<void>
}

export function useArranging({ chosen, choose, answers, reload, ask }: BoardOnPage) {
  const { t } = useI18n()
  const { text } = useText()
  const metadata = useMetadata()
  const { busy, save } = useSaving()
  const draft = ref<Widget[] | null>(null)
  const edited = ref<Widget | null>(null)
  const widgets = computed(() => draft.value ?? chosen.value?.widgets ?? [])

  const put = (key: string, at: Place) => (draft.value = arranged(widgets.value, key, at))
  const remove = (key: string) => (draft.value = widgets.value.filter((one) => one.key !== key))

  function add(): void {
    const object = metadata.standing[0]?.name
    if (object)
      edited.value = {
        key: freeKey(widgets.value),
        kind: 'bar',
        title: {},
        query: { object, measures: [{ op: 'count' }] },
        layout: below(widgets.value),
      }
  }

  /** Takes a widget from its dialog, and its answer so that it is seen at once. */
  async function take(widget: Widget): Promise<void> {
    const known = widgets.value.some((one) => one.key === widget.key)
    draft.value = known
      ? widgets.value.map((one) => (one.key === widget.key ? widget : one))
      : [...widgets.value, widget]
    const data = await askWidget(widget.kind, widget.query).catch(() => undefined)
    const others = answers.value?.widgets.filter((one) => one.key !== widget.key) ?? []
    answers.value = {
      as_of: answers.value?.as_of ?? null,
      widgets: [...others, { key: widget.key, kind: widget.kind, data }],
    }
  }

  async function keep(): Promise<void> {
    const board = chosen.value
    const kept = draft.value
    if (!board || !kept || !(await save(() => changeBoard(board.id, { widgets: kept }, board.version)))) return
    await reload()
    draft.value = null
    await ask()
  }

  /** Somebody else may have changed the board since it was read. */
  async function arrange(): Promise<void> {
    await reload()
    if (chosen.value?.editable) draft.value = chosen.value.widgets
  }

  /** Back to the board as it is kept, with its own answers. */
  async function cancel(): Promise<void> {
    draft.value = null
    await reload()
    await ask()
  }

  /** A board that was just made is empty, and is arranged at once. */
  async function begin(board: Board): Promise<void> {
    await reload()
    choose(board)
    if (!board.widgets.length) draft.value = []
  }

  async function drop(): Promise<void> {
    const board = chosen.value
    if (!board) return
    const title = t('dashboard.edit.deleteTitle', { name: text(board.name) })
    if (!(await confirm({ title, accept: t('common.delete'), danger: true }))) return
    if (!(await act(() => deleteBoard(board.id, board.version), t('dashboard.edit.deleted')))) return
    choose(undefined)
    draft.value = null
    await reload()
  }

  const changed = () => !!draft.value && JSON.stringify(draft.value) !== JSON.stringify(chosen.value?.widgets)
  onBeforeRouteLeave(async () => {
    if (!changed()) return true
    return confirm({
      title: t('dashboard.edit.leaveTitle'),
      body: t('dashboard.edit.leaveText'),
      accept: t('dashboard.edit.leave'),
      danger: true,
    })
  })

  return { draft, edited, widgets, busy, put, remove, add, take, keep, arrange, cancel, begin, drop }
}
