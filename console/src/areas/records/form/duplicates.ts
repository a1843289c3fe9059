/** While a record is being entered, looks for others with the same phone, email or whatever the object compares. */
import { onScopeDispose, ref, watch } from 'vue'
import { findDuplicates, type DuplicateMatch } from '@/api/customer'
import type { ObjectDefinition } from '@/api/types'
import { isEmpty } from '@/metadata/values'
import type { Values } from './model'

const WAIT_MS = 500

export function useDuplicates(object: () => ObjectDefinition, values: Values, active: () => boolean) {
  const matches = ref<DuplicateMatch[]>([])
  let timer = 0
  let controller = new AbortController()

  /** The values of those rules that are filled in completely. */
  function compared(): Values {
    const rules = (object().duplicate_rules ?? []).filter((rule) => rule.fields.every((name) => !isEmpty(values[name])))
    return Object.fromEntries(rules.flatMap((rule) => rule.fields).map((name) => [name, values[name]]))
  }

  async function look(wanted: Values): Promise<void> {
    controller = new AbortController()
    try {
      matches.value = (await findDuplicates(object().name, wanted, controller.signal)).items
    } catch {
      matches.value = []
    }
  }

  watch(
    () => (active() ? JSON.stringify(compared()) : '{}'),
    (text) => {
      clearTimeout(timer)
      controller.abort()
      if (text === '{}') matches.value = []
      else timer = window.setTimeout(() => void look(JSON.parse(text) as Values), WAIT_MS)
    },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    controller.abort()
  })
  return matches
}
