import type { Area } from '@/areas'

const meta = { title: 'analysis.nav' }

const area: Area = {
  routes: [
    { path: 'analysis', name: 'analyses', component: () => import('./pages/AnalysesPage.vue'), meta },
    {
      path: 'analysis/:id',
      name: 'analysis',
      component: () => import('./pages/AnalysisPage.vue'),
      props: true,
      meta,
    },
  ],
  nav: [{ route: 'analyses', label: 'analysis.nav', icon: 'pulse', group: 'work', position: 12 }],
}

export default area
