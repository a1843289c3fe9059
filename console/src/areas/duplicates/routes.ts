import type { Area } from '@/areas'

const meta = { title: 'duplicates.nav' }

const area: Area = {
  routes: [
    {
      path: 'duplicates/:object?',
      name: 'duplicates',
      component: () => import('./pages/DuplicatesPage.vue'),
      props: true,
      meta,
    },
  ],
  nav: [{ route: 'duplicates', label: 'duplicates.nav', icon: 'copy', group: 'tools', position: 20 }],
}

export default area
