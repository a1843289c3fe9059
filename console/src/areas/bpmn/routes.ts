import type { Area } from '@/areas'

const manage = { title: 'bpmn.title', permission: 'rules.manage' }

const area: Area = {
  routes: [
    {
      path: 'approvals/bpmn/new',
      name: 'bpmn-new',
      component: () => import('./pages/NewProcessPage.vue'),
      meta: manage,
    },
    { path: 'approvals/:id/bpmn', name: 'bpmn', component: () => import('./pages/EditorPage.vue'), meta: manage },
    {
      path: 'approvals/:id/move',
      name: 'process-move',
      component: () => import('./pages/MovePage.vue'),
      meta: { title: 'bpmn.move.title', permission: 'rules.manage' },
    },
    {
      path: 'instances/:id',
      name: 'process-instance',
      component: () => import('./pages/InstancePage.vue'),
      meta: { title: 'processes.title' },
    },
  ],
}

export default area
