import type { Area } from '@/areas'

const meta = { title: 'currencies.nav', permission: 'objects.manage' }

const area: Area = {
  routes: [{ path: 'currencies', name: 'currencies', component: () => import('./pages/CurrenciesPage.vue'), meta }],
  nav: [
    {
      route: 'currencies',
      label: 'currencies.nav',
      icon: 'convert',
      group: 'admin',
      position: 46,
      permission: 'objects.manage',
    },
  ],
}

export default area
