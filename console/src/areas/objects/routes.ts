import type { Area } from '@/areas'

const meta = { title: 'objects.nav', permission: 'objects.manage' }

const area: Area = {
  routes: [
    { path: 'admin/objects', name: 'objects', component: () => import('./pages/ObjectListPage.vue'), meta },
    {
      path: 'admin/objects/:name/:tab?',
      name: 'object',
      component: () => import('./pages/ObjectPage.vue'),
      props: true,
      meta,
    },
  ],
  nav: [
    {
      route: 'objects',
      label: 'objects.nav',
      icon: 'layers',
      group: 'admin',
      position: 5,
      permission: 'objects.manage',
    },
  ],
}

export default area
