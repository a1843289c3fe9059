import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: '/signin',
      name: 'signin',
      component: () => import('./pages/SignInPage.vue'),
      meta: { bare: true, title: 'session.signIn' },
    },
    {
      path: '/password',
      name: 'password',
      component: () => import('./pages/PasswordPage.vue'),
      meta: { bare: true, title: 'session.newPassword' },
    },
    {
      path: '/unreachable',
      name: 'unreachable',
      component: () => import('./pages/UnreachablePage.vue'),
      meta: { bare: true, title: 'common.unreachable' },
    },
  ],
}

export default area
