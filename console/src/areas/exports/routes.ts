import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'exports',
      name: 'exports',
      component: () => import('./pages/ExportListPage.vue'),
      meta: { title: 'exports.nav' },
    },
  ],
  nav: [{ route: 'exports', label: 'exports.nav', icon: 'download', group: 'tools', position: 11 }],
}

export default area
