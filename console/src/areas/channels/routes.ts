import type { Area } from '@/areas'

const meta = { title: 'channels.nav', permission: 'keys.manage' }

const area: Area = {
  routes: [{ path: 'admin/channels', name: 'channels', component: () => import('./pages/ChannelsPage.vue'), meta }],
  nav: [
    {
      route: 'channels',
      label: 'channels.nav',
      icon: 'message',
      group: 'admin',
      position: 48,
      permission: 'keys.manage',
    },
  ],
}

export default area
