import type { Area } from '@/areas'

const meta = { title: 'rules.nav', permission: 'rules.manage' }

const area: Area = {
  routes: [
    { path: 'rules', name: 'rules', component: () => import('./pages/RuleListPage.vue'), meta },
    { path: 'rules/new', name: 'rule-new', component: () => import('./pages/RulePage.vue'), meta },
    { path: 'rules/:id', name: 'rule', component: () => import('./pages/RulePage.vue'), meta },
  ],
  nav: [
    {
      route: 'rules',
      label: 'rules.nav',
      icon: 'bolt',
      group: 'tools',
      position: 20,
      permission: 'rules.manage',
      shortcut: 'r',
    },
  ],
}

export default area
