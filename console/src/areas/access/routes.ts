import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'admin/sharing',
      name: 'sharing-rules',
      component: () => import('./pages/SharingRulesPage.vue'),
      meta: { title: 'access.rules', permission: 'roles.manage' },
    },
  ],
  nav: [
    {
      route: 'sharing-rules',
      label: 'access.rules',
      icon: 'handshake',
      group: 'admin',
      position: 35,
      permission: 'roles.manage',
    },
  ],
}

export default area
