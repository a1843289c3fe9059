/** Names of roles, for whoever may read them: fetched once, asked wherever a role is named by its key. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { http } from '@/api/http'
import type { Page, Text } from '@/api/types'
import { useText } from '@/composables/text'

interface RoleName {
  key: string
  name: Text
}

export const useRoleNames = defineStore('roleNames', () => {
  const roles = ref<RoleName[]>([])
  const { text } = useText()
  let flight: Promise<void> | null = null

  /** Loads them once; who may not read them sees keys. */
  function load(): Promise<void> {
    flight ??= http
      .get<Page<RoleName>>('/api/gateway/v1/roles', { query: { limit: 200 } })
      .then((page) => {
        roles.value = page.items
      })
      .catch(() => {
        flight = null
      })
    return flight
  }

  const nameOf = (key: string) => text(roles.value.find((role) => role.key === key)?.name) || key

  return { roles, load, nameOf }
})
