import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'rules',
      name: 'rules',
      component: () => import('./pages/RuleListPage.vue'),
      meta: { title: 'rules.nav', permission: 'rules.manage' },
    },
  ],
  nav: [
    { route: 'rules', label: 'rules.nav', icon: 'bolt', group: 'tools', position: 20, permission: 'rules.manage', shortcut: 'r' },
  ],
}

export default area
