import type { Area } from '@/areas'

const meta = { title: 'approvals.nav', permission: 'rules.manage' }

const area: Area = {
  routes: [
    { path: 'approvals', name: 'approvals', component: () => import('./pages/ApprovalListPage.vue'), meta },
    { path: 'approvals/new', name: 'approval-new', component: () => import('./pages/ApprovalPage.vue'), meta },
    { path: 'approvals/:id', name: 'approval', component: () => import('./pages/ApprovalPage.vue'), meta },
  ],
  nav: [
    {
      route: 'approvals',
      label: 'approvals.nav',
      icon: 'tree',
      group: 'tools',
      position: 21,
      permission: 'rules.manage',
    },
  ],
}

export default area
