/** Carries out what the menu of a user offers: asks first where it hurts, and says what happened. */
import { confirm } from '@/composables/confirm'
import { t } from '@/i18n'
import { useNotices } from '@/stores/notices'
import { changeUser, deactivateUser, resetPassword, signOutUser, type User } from '../../api/users'
import { act } from '@/composables/saving'

export async function deactivate(user: User): Promise<boolean> {
  const sure = await confirm({
    title: t('admin.user.deactivateTitle', { name: user.name }),
    body: t('admin.user.deactivateText'),
    accept: t('admin.user.deactivate'),
    danger: true,
  })
  return sure && act(() => deactivateUser(user), t('admin.user.deactivated', { name: user.name }))
}

export const activate = (user: User) =>
  act(() => changeUser(user, { active: true }), t('admin.user.activated', { name: user.name }))

export async function signOut(user: User): Promise<boolean> {
  const sure = await confirm({
    title: t('admin.user.signOutTitle', { name: user.name }),
    body: t('admin.user.signOutText'),
    accept: t('admin.user.signOut'),
  })
  return sure && act(() => signOutUser(user), t('admin.user.signedOut', { name: user.name }))
}

/** The new password, or undefined when nothing was done. */
export async function reset(user: User): Promise<string | undefined> {
  const sure = await confirm({
    title: t('admin.user.resetTitle', { name: user.name }),
    body: t('admin.user.resetText'),
    accept: t('admin.user.reset'),
    danger: true,
  })
  return sure ? resetPassword(user).catch((problem) => void useNotices().failure(problem)) : undefined
}
