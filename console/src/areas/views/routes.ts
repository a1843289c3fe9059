import type { Area } from '@/areas'

const area: Area = {
  routes: [{ path: 'bulk-jobs', name: 'bulk-jobs', component: () => import('./pages/BulkJobsPage.vue') }],
  nav: [{ route: 'bulk-jobs', label: 'views.bulk.nav', icon: 'layers', group: 'tools', position: 45 }],
}

export default area
