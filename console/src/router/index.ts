/** Routes of all areas inside the shell, and the guard at the door. */
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { areas } from '@/areas'
import { leavePage } from '@/api/navigation'
import { onSessionEnd, signedIn } from '@/api/session'
import { t } from '@/i18n'
import { useLayouts } from '@/stores/layouts'
import { useMetadata } from '@/stores/metadata'
import { usePeople } from '@/stores/people'
import { useSession } from '@/stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title. */
    title?: string
    /** Outside the shell: sign-in and the like. */
    bare?: boolean
    /** One of these permissions of a role is needed. */
    permission?: string | string[]
  }
}

const all = areas.flatMap((area) => area.routes)

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...all.filter((route) => route.meta?.bare),
    {
      path: '/',
      component: () => import('@/shell/AppShell.vue'),
      children: [
        { path: '', redirect: { name: 'dashboard' } },
        ...all.filter((route) => !route.meta?.bare),
        { path: ':rest(.*)*', name: 'missing', component: () => import('@/shell/MissingPage.vue') },
      ],
    },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to, from) => {
  if (to.path !== from.path) leavePage()
  if (to.meta.bare) return to.name === 'signin' && signedIn() ? { path: '/' } : true
  if (!signedIn()) return toSignIn(to)
  return admit(to)
})

router.afterEach((to) => {
  document.title = to.meta.title ? `${t(to.meta.title)} · Freehold` : 'Freehold'
})

/** Lets a signed-in person in, with everything the shell needs; a server that is away leads to a page that says so. */
async function admit(to: RouteLocationNormalized) {
  try {
    return await decide(to)
  } catch (error) {
    if (!signedIn()) return { name: 'signin', query: { next: to.fullPath, ended: '1' } }
    console.error(error)
    return { name: 'unreachable', query: { next: to.fullPath } }
  }
}

async function decide(to: RouteLocationNormalized) {
  const session = useSession()
  const me = await session.load()
  if (!me) return toSignIn(to)
  if (me.must_change_password) return { name: 'password', query: { next: to.fullPath } }
  await useMetadata().load()
  return session.can(to.meta.permission) ? true : { name: 'missing', params: { rest: to.path.split('/').slice(1) } }
}

function toSignIn(to: RouteLocationNormalized) {
  return { name: 'signin', query: to.path === '/' ? {} : { next: to.fullPath } }
}

onSessionEnd((why) => {
  useSession().forget()
  useMetadata().forget()
  usePeople().forget()
  useLayouts().forget()
  const here = router.currentRoute.value
  if (why === 'left') void router.push({ name: 'signin' })
  else if (!here.meta.bare) void router.push({ name: 'signin', query: { next: here.fullPath, ended: '1' } })
})
