import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'dashboard',
      name: 'dashboard',
      component: () => import('./pages/DashboardPage.vue'),
      meta: { title: 'dashboard.nav' },
    },
  ],
  nav: [
    {
      route: 'dashboard',
      label: 'dashboard.nav',
      icon: 'dashboard',
      group: 'work',
      position: 10,
      shortcut: 'h',
      phone: true,
    },
  ],
}

export default area
