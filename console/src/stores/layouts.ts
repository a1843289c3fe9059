/** The layouts that are meant for the person, by object: kept for a while, since every form and record asks for them. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { fetchResolved, type ShownLayout } from '@/api/layouts'

const FRESH_MS = 30_000

export const useLayouts = defineStore('layouts', () => {
  const byObject = ref<Record<string, ShownLayout[]>>({})
  const askedAt = new Map<string, number>()

  /** Asks when nothing is known or it is old; until then, and when nobody answers, what is known counts. */
  async function load(object: string): Promise<void> {
    if (Date.now() - (askedAt.get(object) ?? -Infinity) < FRESH_MS) return
    askedAt.set(object, Date.now())
    try {
      const { candidates } = await fetchResolved(object)
      byObject.value = { ...byObject.value, [object]: candidates }
    } catch {
      askedAt.delete(object)
    }
  }

  /** In the order in which they are tried; none before an answer came. */
  const candidates = (object: string): ShownLayout[] => byObject.value[object] ?? []

  function forget(object?: string): void {
    if (object) return void askedAt.delete(object)
    askedAt.clear()
    byObject.value = {}
  }

  return { load, candidates, forget }
})
