/** While a record is being entered, looks for others that may be the same. */
import { onScopeDispose, ref, watch } from 'vue'
import { findDuplicates, type DuplicateCheck } from '@/api/customer'
import type { FieldType, ObjectDefinition } from '@/api/types'
import { isEmpty } from '@/metadata/values'
import type { Values } from './model'

const WAIT_MS = 500
const COMPARED = new Set<FieldType>([
  'text',
  'phone',
  'email',
  'url',
  'integer',
  'date',
  'region',
  'address',
  'reference',
  'choice',
])
/** None of these alone says that two records are one; as long as nothing else is filled in, nobody is asked. */
const TELLING = new Set<FieldType>(['text', 'phone', 'email', 'url', 'integer'])

export const NOTHING_ALIKE: DuplicateCheck = { items: [], others: null }

/** The values by which a record is compared: those that are filled in, of fields that the person reads. */
export function comparedValues(object: ObjectDefinition, values: Values): Values {
  const fields = object.fields.filter(
    (field) =>
      (COMPARED.has(field.type) || isInRule(object, field.name)) &&
      !['none', 'masked'].includes(field.access ?? 'write') &&
      !isEmpty(values[field.name]),
  )
  if (!fields.some((field) => TELLING.has(field.type) || isInRule(object, field.name))) return {}
  return Object.fromEntries(fields.map((field) => [field.name, values[field.name]]))
}

const isInRule = (object: ObjectDefinition, name: string) =>
  (object.duplicate_rules ?? []).some((rule) => rule.fields.includes(name))

export function useDuplicates(object: () => ObjectDefinition, values: () => Values, active: () => boolean) {
  const found = ref<DuplicateCheck>(NOTHING_ALIKE)
  let timer = 0
  let controller = new AbortController()

  async function look(wanted: Values): Promise<void> {
    controller = new AbortController()
    const { signal } = controller
    try {
      found.value = await findDuplicates(object().name, wanted, signal)
    } catch {
      if (!signal.aborted) found.value = NOTHING_ALIKE
    }
  }

  watch(
    () => (active() ? JSON.stringify(comparedValues(object(), values())) : '{}'),
    (text) => {
      clearTimeout(timer)
      controller.abort()
      if (text === '{}') found.value = NOTHING_ALIKE
      else timer = window.setTimeout(() => void look(JSON.parse(text) as Values), WAIT_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    controller.abort()
  })
  return found
}
