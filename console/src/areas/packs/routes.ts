import type { Area } from '@/areas'

const meta = { title: 'packs.nav', permission: 'packs.install' }

const area: Area = {
  routes: [{ path: 'admin/packs', name: 'packs', component: () => import('./pages/PackPage.vue'), meta }],
  nav: [{ route: 'packs', label: 'packs.nav', icon: 'box', group: 'admin', position: 48, permission: 'packs.install' }],
}

export default area
