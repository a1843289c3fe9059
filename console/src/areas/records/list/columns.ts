/** The columns of a list: those of the object's definition until the person chooses others. */
import { computed } from 'vue'
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import { useMetadata } from '@/stores/metadata'
import { useUi } from '@/stores/ui'

const NUMBERS = new Set(['integer', 'decimal', 'percent', 'money'])
const UNSORTABLE = new Set(['long_text', 'multi_choice', 'reference_list', 'file', 'image'])

export const isNumber = (field: FieldDefinition) => NUMBERS.has(field.type)
export const isSortable = (field: FieldDefinition) => !UNSORTABLE.has(field.type)

export function useColumns(object: ObjectDefinition) {
  const ui = useUi()
  const fields = computed(() => useMetadata().fieldsOf(object.name))
  const shipped = computed(() => {
    const listed = object.list_fields.length ? object.list_fields : [object.title_field, 'owner_id', 'created_at']
    return listed.includes(object.title_field) ? listed : [object.title_field, ...listed]
  })
  const names = computed(() => ui.memory.columns[object.name] ?? shipped.value)
  const columns = computed(() => names.value.flatMap((name) => fields.value.find((field) => field.name === name) ?? []))

  function choose(chosen: string[]): void {
    ui.memory.columns = { ...ui.memory.columns, [object.name]: chosen }
  }

  function restore(): void {
    const { [object.name]: _own, ...others } = ui.memory.columns
    ui.memory.columns = others
  }

  return { fields, columns, names, choose, restore }
}
