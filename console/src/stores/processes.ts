/** Names of the processes over each object, asked wherever one is named. */
import { defineStore } from 'pinia'
import { reactive } from 'vue'
import { http } from '@/api/http'
import type { Page, Text } from '@/api/types'

export interface ProcessName {
  id: string
  key: string | null
  name: Text
}

export const useProcessNames = defineStore('processNames', () => {
  const known = reactive<Record<string, ProcessName[]>>({})
  const asked = new Set<string>()

  /** Those over an object, as far as they are known by now; they are fetched when they are first asked for. */
  function of(object: string): ProcessName[] {
    if (!asked.has(object)) void load(object)
    return known[object] ?? []
  }

  async function load(object: string): Promise<void> {
    asked.add(object)
    try {
      const page = await http.get<Page<ProcessName>>('/api/workflow/v1/processes', { query: { object, limit: 200 } })
      known[object] = page.items
    } catch {
      asked.delete(object)
    }
  }

  return { of, load }
})
