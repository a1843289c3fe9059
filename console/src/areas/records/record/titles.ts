/** Names of records that are only known by id, as a timeline has them; asked for once each. */
import { reactive } from 'vue'
import { fetchRecord } from '@/api/customer'
import { titleOf } from '@/metadata/records'
import { useMetadata } from '@/stores/metadata'

const names = reactive<Record<string, string>>({})
const asked = new Set<string>()

/** The name as far as it is known; reactive, so that it appears when it arrives. */
export function nameOfRecord(object: string, id: string): string | undefined {
  const key = `${object}/${id}`
  if (!asked.has(key)) {
    asked.add(key)
    void ask(object, id, key)
  }
  return names[key]
}

async function ask(object: string, id: string, key: string): Promise<void> {
  try {
    names[key] = titleOf(useMetadata().object(object), await fetchRecord(object, id))
  } catch {
    asked.delete(key)
  }
}
