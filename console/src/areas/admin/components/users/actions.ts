/** What can be done with a user, for the menu of his row. */
import { t } from '@/i18n'
import type { User } from '../../api/users'
import type { MenuEntry } from '../MoreMenu.vue'

export type UserAction = 'edit' | 'reset' | 'signOut' | 'deactivate' | 'activate'

export function entriesFor(user: User): MenuEntry[] {
  const edit: MenuEntry = { key: 'edit', label: t('common.edit'), icon: 'edit' }
  if (!user.active) return [edit, { key: 'activate', label: t('admin.user.activate'), icon: 'check' }]
  return [
    edit,
    { key: 'reset', label: t('admin.user.reset'), icon: 'key' },
    { key: 'signOut', label: t('admin.user.signOut'), icon: 'signOut' },
    { key: 'deactivate', label: t('admin.user.deactivate'), icon: 'lock', danger: true },
  ]
}
