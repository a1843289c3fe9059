import type { Area } from '@/areas'

const meta = { title: 'segments.nav' }

const area: Area = {
  routes: [
    {
      path: 'segments/:object?',
      name: 'segments',
      component: () => import('./pages/SegmentsPage.vue'),
      props: true,
      meta,
    },
  ],
  nav: [{ route: 'segments', label: 'segments.nav', icon: 'layers', group: 'tools', position: 30 }],
}

export default area
