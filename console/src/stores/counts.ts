/** The small numbers beside the navigation: unread messages, open to-dos. Areas keep them true. */
import { defineStore } from 'pinia'
import { reactive } from 'vue'

export type CountKey = 'inbox' | 'tasks'

export const useCounts = defineStore('counts', () => {
  const values = reactive<Record<CountKey, number>>({ inbox: 0, tasks: 0 })

  function set(key: CountKey, value: number): void {
    values[key] = value
  }

  return { values, set }
})
