import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'tasks',
      name: 'tasks',
      component: () => import('./pages/TaskListPage.vue'),
      meta: { title: 'tasks.nav' },
    },
  ],
  nav: [
    { route: 'tasks', label: 'tasks.nav', icon: 'checkSquare', group: 'work', position: 20, count: 'tasks', shortcut: 't', phone: true },
  ],
}

export default area
