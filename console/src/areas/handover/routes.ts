import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'admin/handover',
      name: 'handover',
      component: () => import('./pages/HandoverPage.vue'),
      meta: { title: 'handover.nav', permission: 'users.manage' },
    },
  ],
  nav: [
    {
      route: 'handover',
      label: 'handover.nav',
      icon: 'arrowRight',
      group: 'admin',
      position: 37,
      permission: 'users.manage',
    },
  ],
}

export default area
