import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'imports',
      name: 'imports',
      component: () => import('./pages/ImportListPage.vue'),
      meta: { title: 'imports.nav', permission: 'imports.run' },
    },
  ],
  nav: [
    { route: 'imports', label: 'imports.nav', icon: 'upload', group: 'tools', position: 10, permission: 'imports.run', shortcut: 'm' },
  ],
}

export default area
