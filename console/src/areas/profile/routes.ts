import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'profile',
      name: 'profile',
      component: () => import('./pages/ProfilePage.vue'),
      meta: { title: 'profile.nav' },
    },
  ],
}

export default area
