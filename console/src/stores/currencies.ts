/** The currencies of the company: fetched once, when the first amount is entered. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { fetchCurrencies, type Currencies } from '@/api/currencies'

export const useCurrencies = defineStore('currencies', () => {
  const base = ref<string>()
  const items = ref<string[]>([])
  const several = computed(() => items.value.length > 1)
  let flight: Promise<void> | null = null

  function take(found: Currencies): void {
    base.value = found.base
    items.value = found.items
  }

  /** Loads them once; without them an amount keeps the currency of its field. */
  function load(): Promise<void> {
    flight ??= fetchCurrencies()
      .then(take)
      .catch(() => {
        flight = null
      })
    return flight
  }

  return { base, items, several, load, take }
})
