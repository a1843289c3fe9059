import type { Area } from '@/areas'

const meta = { title: 'tags.nav', permission: 'objects.manage' }

const area: Area = {
  routes: [{ path: 'tags', name: 'tags', component: () => import('./pages/TagListPage.vue'), meta }],
  nav: [
    { route: 'tags', label: 'tags.nav', icon: 'tag', group: 'admin', position: 45, permission: 'objects.manage' },
  ],
}

export default area
