/** Cards on their way to another column: dragged, by key or by menu; what is refused says why on its card. */
import { computed, nextTick, ref, watch, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { isProblem } from '@/api/problem'
import type { FieldDefinition, ObjectDefinition, RecordData } from '@/api/types'
import { titleOf } from '@/metadata/records'
import { isWritable } from '@/metadata/systemFields'
import { wordsFor } from '@/stores/notices'
import { useSession } from '@/stores/session'
import type { useKanban } from './kanban'

export function useMoving(
  object: ObjectDefinition,
  group: ComputedRef<FieldDefinition | undefined>,
  board: ReturnType<typeof useKanban>,
  root: Ref<HTMLElement | undefined>,
  labelOf: (value: string | null) => string,
) {
  const { t } = useI18n()
  const session = useSession()
  const dragged = ref<RecordData | null>(null)
  const over = ref<string | null | undefined>(undefined)
  const refused = ref<{ id: string; reason: string } | null>(null)
  const said = ref('')
  const movable = computed(
    () => group.value !== undefined && isWritable(group.value) && session.mayDo(object.name, 'update'),
  )

  /** A card keeps the focus while it moves, from the first column on: the next key may be pressed at once. */
  const moving = ref<string[]>([])
  watch(
    board.columns,
    () => {
      const id = moving.value.at(-1)
      if (id && document.activeElement === document.body) {
        root.value?.querySelector<HTMLElement>(`[data-card="${id}"]`)?.focus()
      }
    },
    { flush: 'post' },
  )

  async function move(card: RecordData, to: string | null): Promise<void> {
    refused.value = null
    moving.value.push(card.id)
    try {
      await board.move(card, to)
      said.value = t('views.movedTo', { name: titleOf(object, card), column: labelOf(to) })
    } catch (error) {
      const own = isProblem(error) ? error.fields[0]?.detail || error.detail || error.title : wordsFor(error).title
      refused.value = { id: card.id, reason: own }
      said.value = t('views.notMoved', { name: titleOf(object, card), reason: own })
    } finally {
      await nextTick()
      moving.value.splice(moving.value.indexOf(card.id), 1)
    }
  }

  /** One column to the left or to the right, with alt and an arrow key. */
  function onKey(event: KeyboardEvent, card: RecordData): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!event.altKey || !step || !movable.value) return
    event.preventDefault()
    const values = board.columns.value.map((one) => one.value)
    const to = values[values.indexOf((card[group.value?.name ?? ''] as string | null) ?? null) + step]
    if (to !== undefined) void move(card, to)
  }

  function onDrag(event: DragEvent, card: RecordData): void {
    dragged.value = card
    event.dataTransfer?.setData('text/plain', card.id)
    if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move'
  }

  function onDrop(to: string | null): void {
    const card = dragged.value
    letGo()
    if (card) void move(card, to)
  }

  function letGo(): void {
    dragged.value = null
    over.value = undefined
  }

  return { dragged, over, refused, said, movable, move, onKey, onDrag, onDrop, letGo }
}
