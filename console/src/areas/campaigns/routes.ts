import type { Area } from '@/areas'

const meta = { title: 'campaigns.nav', permission: 'campaigns.run' }

const area: Area = {
  routes: [
    { path: 'campaigns', name: 'campaigns', component: () => import('./pages/CampaignsPage.vue'), meta },
    { path: 'campaigns/:id', name: 'campaign', component: () => import('./pages/CampaignPage.vue'), props: true, meta },
  ],
  nav: [
    {
      route: 'campaigns',
      label: 'campaigns.nav',
      icon: 'send',
      group: 'tools',
      position: 32,
      permission: 'campaigns.run',
    },
  ],
}

export default area
