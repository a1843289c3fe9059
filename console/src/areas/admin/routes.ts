import type { Area } from '@/areas'

const area: Area = {
  routes: [
    {
      path: 'admin/users',
      name: 'users',
      component: () => import('./pages/UserListPage.vue'),
      meta: { title: 'admin.users', permission: 'users.manage' },
    },
    {
      path: 'admin/departments',
      name: 'departments',
      component: () => import('./pages/DepartmentPage.vue'),
      meta: { title: 'admin.departments', permission: 'users.manage' },
    },
    {
      path: 'admin/roles',
      name: 'roles',
      component: () => import('./pages/RoleListPage.vue'),
      meta: { title: 'admin.roles', permission: 'roles.manage' },
    },
    {
      path: 'admin/roles/:id',
      name: 'role',
      component: () => import('./pages/RolePage.vue'),
      props: true,
      meta: { title: 'admin.roles', permission: 'roles.manage' },
    },
    {
      path: 'admin/keys',
      name: 'keys',
      component: () => import('./pages/KeyListPage.vue'),
      meta: { title: 'admin.keys', permission: 'keys.manage' },
    },
    {
      path: 'admin/webhooks',
      name: 'webhooks',
      component: () => import('./pages/WebhookListPage.vue'),
      meta: { title: 'admin.webhooks', permission: 'keys.manage' },
    },
    {
      path: 'admin/webhooks/:id',
      name: 'webhook',
      component: () => import('./pages/WebhookPage.vue'),
      props: true,
      meta: { title: 'admin.webhooks', permission: 'keys.manage' },
    },
    {
      path: 'admin/audit',
      name: 'audit',
      component: () => import('./pages/AuditPage.vue'),
      meta: { title: 'admin.audit', permission: 'audit.read' },
    },
    {
      path: 'admin/deliveries',
      name: 'deliveries',
      component: () => import('./pages/DeliveryPage.vue'),
      meta: { title: 'admin.deliveries', permission: 'audit.read' },
    },
    {
      path: 'admin/dead-letters',
      name: 'dead-letters',
      component: () => import('./pages/DeadLetterPage.vue'),
      meta: { title: 'admin.deadLetters', permission: 'system.read' },
    },
  ],
  nav: [
    {
      route: 'users',
      label: 'admin.users',
      icon: 'users',
      group: 'admin',
      position: 10,
      permission: 'users.manage',
      shortcut: 'u',
    },
    {
      route: 'departments',
      label: 'admin.departments',
      icon: 'tree',
      group: 'admin',
      position: 20,
      permission: 'users.manage',
    },
    { route: 'roles', label: 'admin.roles', icon: 'shield', group: 'admin', position: 30, permission: 'roles.manage' },
    { route: 'keys', label: 'admin.keys', icon: 'key', group: 'admin', position: 40, permission: 'keys.manage' },
    {
      route: 'webhooks',
      label: 'admin.webhooks',
      icon: 'send',
      group: 'admin',
      position: 45,
      permission: 'keys.manage',
    },
    { route: 'audit', label: 'admin.audit', icon: 'eye', group: 'admin', position: 50, permission: 'audit.read' },
    {
      route: 'deliveries',
      label: 'admin.deliveries',
      icon: 'mail',
      group: 'admin',
      position: 55,
      permission: 'audit.read',
    },
    {
      route: 'dead-letters',
      label: 'admin.deadLetters',
      icon: 'archive',
      group: 'admin',
      position: 60,
      permission: 'system.read',
    },
  ],
}

export default area
