import type { Area } from '@/areas'

const meta = { title: 'imports.nav', permission: 'imports.run' }

const area: Area = {
  routes: [
    { path: 'imports', name: 'imports', component: () => import('./pages/ImportListPage.vue'), meta },
    { path: 'imports/new', name: 'import-new', component: () => import('./pages/NewImportPage.vue'), meta },
    { path: 'imports/:id', name: 'import', component: () => import('./pages/ImportPage.vue'), meta },
  ],
  nav: [
    {
      route: 'imports',
      label: 'imports.nav',
      icon: 'upload',
      group: 'tools',
      position: 10,
      permission: 'imports.run',
      shortcut: 'm',
    },
  ],
}

export default area
