import type { Area } from '@/areas'

const meta = { title: 'forms.nav', permission: 'objects.manage' }

const area: Area = {
  routes: [
    {
      path: 'admin/forms/:object?',
      name: 'forms',
      component: () => import('./pages/FormListPage.vue'),
      props: true,
      meta,
    },
    {
      path: 'admin/forms/:object/layouts/:layout',
      name: 'forms-layout',
      component: () => import('./pages/LayoutPage.vue'),
      props: true,
      meta,
    },
    {
      path: 'admin/forms/:object/web/:form',
      name: 'forms-web',
      component: () => import('./pages/WebFormPage.vue'),
      props: true,
      meta,
    },
  ],
  nav: [
    { route: 'forms', label: 'forms.nav', icon: 'columns', group: 'admin', position: 6, permission: 'objects.manage' },
  ],
}

export default area
