/** The objects that the person may see. Everything generic (navigation, lists, forms, filters) is made from them. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { fetchObjects } from '@/api/customer'
import { fetchGroups } from '@/api/objectGroups'
import type { FieldDefinition, ObjectDefinition, ObjectGroup } from '@/api/types'
import { withShownFields } from '@/metadata/calculated'
import { withMoneyParts, withParts } from '@/metadata/parts'
import { withSystemFields } from '@/metadata/systemFields'

export const useMetadata = defineStore('metadata', () => {
  const objects = ref<ObjectDefinition[]>([])
  const groups = ref<ObjectGroup[]>([])
  const loaded = ref(false)
  let flight: Promise<void> | null = null

  const sorted = computed(() => [...objects.value].sort((a, b) => a.position - b.position))
  /** Without those whose records are lines of another one's. */
  const standing = computed(() => sorted.value.filter((object) => !object.line_of))
  const byName = computed(() => new Map(objects.value.map((object) => [object.name, object])))

  function load(): Promise<void> {
    if (loaded.value) return Promise.resolve()
    flight ??= reload().finally(() => (flight = null))
    return flight
  }

  async function reload(): Promise<void> {
    const [found, divisions] = await Promise.all([fetchObjects(), fetchGroups()])
    objects.value = found.map(withShownFields)
    groups.value = divisions
    loaded.value = true
  }

  const object = (name: string) => byName.value.get(name)

  /** All readable fields of an object, the system's own among them. */
  function fieldsOf(name: string): FieldDefinition[] {
    const found = object(name)
    return found ? withSystemFields(found) : []
  }

  /** A field, also a part of one such as `site.city` or `amount.currency`. */
  const field = (name: string, fieldName: string) =>
    withMoneyParts(withParts(fieldsOf(name))).find((one) => one.name === fieldName)

  /** Objects with a reference to the given one, with the fields that refer. */
  function referencesTo(name: string): { object: ObjectDefinition; field: FieldDefinition }[] {
    return sorted.value.flatMap((object) =>
      object.fields
        .filter((field) => field.type === 'reference' && field.options.object === name)
        .map((field) => ({ object, field })),
    )
  }

  function forget(): void {
    objects.value = []
    groups.value = []
    loaded.value = false
  }

  return { objects: sorted, standing, groups, loaded, load, reload, object, fieldsOf, field, referencesTo, forget }
})
