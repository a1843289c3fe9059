import type { Area } from '@/areas'

const meta = { title: 'mail.nav', permission: 'templates.manage' }

const area: Area = {
  routes: [{ path: 'mail', name: 'mail', component: () => import('./pages/MailPage.vue'), meta }],
  nav: [
    { route: 'mail', label: 'mail.nav', icon: 'mail', group: 'admin', position: 47, permission: 'templates.manage' },
  ],
}

export default area
