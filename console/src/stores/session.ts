/** The person who is signed in, and what he may do. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { fetchMe, saveMe, signIn as askSignIn, signOut as askSignOut } from '@/api/auth'
import { signedIn } from '@/api/session'
import type { Me, ObjectAction } from '@/api/types'
import { nearestLocale } from '@/i18n'
import { useUi } from './ui'

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const timezone = computed(() => me.value?.timezone || Intl.DateTimeFormat().resolvedOptions().timeZone)

  async function load(): Promise<Me | null> {
    if (!signedIn()) return null
    if (!me.value) {
      me.value = await fetchMe()
      await useUi().setLocale(nearestLocale(me.value.locale))
    }
    return me.value
  }

  async function signIn(username: string, password: string): Promise<Me> {
    await askSignIn(username, password)
    me.value = null
    return (await load()) as Me
  }

  async function signOut(everywhere = false): Promise<void> {
    await askSignOut(everywhere).finally(() => (me.value = null))
  }

  async function save(changes: Parameters<typeof saveMe>[0]): Promise<void> {
    me.value = await saveMe(changes)
  }

  /** A permission of a role: `rules.manage`; of several, any. */
  function can(permission?: string | string[]): boolean {
    if (!permission) return true
    const wanted = Array.isArray(permission) ? permission : [permission]
    return wanted.some((one) => me.value?.permissions.includes(one))
  }

  /** An action on records of an object: `mayDo('lead', 'export')`. */
  function mayDo(object: string, action: ObjectAction): boolean {
    const policies = me.value?.objects ?? {}
    return (policies[object] ?? policies['*'])?.actions.includes(action) ?? false
  }

  function forget(): void {
    me.value = null
  }

  return { me, timezone, load, signIn, signOut, save, can, mayDo, forget }
})
