import type { Area } from '@/areas'

const meta = { title: 'bin.nav' }

const area: Area = {
  routes: [{ path: 'bin/:object?', name: 'bin', component: () => import('./pages/BinPage.vue'), props: true, meta }],
  nav: [{ route: 'bin', label: 'bin.nav', icon: 'archive', group: 'tools', position: 90 }],
}

export default area
