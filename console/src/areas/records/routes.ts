import type { Area } from '@/areas'

const area: Area = {
  routes: [
    { path: 'o/:object', name: 'records', component: () => import('./pages/RecordListPage.vue') },
    { path: 'o/:object/:id', name: 'record', component: () => import('./pages/RecordPage.vue') },
  ],
}

export default area
