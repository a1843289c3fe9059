import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'inbox',
      name: 'inbox',
      component: () => import('./pages/InboxPage.vue'),
      meta: { title: 'inbox.nav' },
    },
  ],
  nav: [
    { route: 'inbox', label: 'inbox.nav', icon: 'inbox', group: 'work', position: 30, count: 'inbox', shortcut: 'i', phone: true },
  ],
}

export default area
