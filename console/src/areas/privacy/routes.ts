import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'admin/privacy/:tab?',
      name: 'privacy',
      component: () => import('./pages/PrivacyPage.vue'),
      props: true,
      meta: { title: 'privacy.nav', permission: 'objects.manage' },
    },
  ],
  nav: [
    {
      route: 'privacy',
      label: 'privacy.nav',
      icon: 'lock',
      group: 'admin',
      position: 48,
      permission: 'objects.manage',
    },
  ],
}

export default area
