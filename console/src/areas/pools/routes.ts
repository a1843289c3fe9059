import type { Area } from '@/areas'
import { useMetadata } from '@/stores/metadata'

/** Objects have the field as soon as they have a pool; without any there is nothing to see here. */
const anyPools = () => useMetadata().objects.some((object) => object.fields.some((field) => field.name === 'pool_id'))

const area: Area = {
  routes: [
    {
      path: 'pool/:id?',
      name: 'pool',
      component: () => import('./pages/PoolPage.vue'),
      props: true,
      meta: { title: 'pools.nav' },
    },
    {
      path: 'admin/pools',
      name: 'admin-pools',
      component: () => import('./pages/PoolAdminPage.vue'),
      meta: { title: 'pools.adminNav', permission: 'objects.manage' },
    },
  ],
  nav: [
    { route: 'pool', label: 'pools.nav', icon: 'globe', group: 'work', position: 30, shown: anyPools },
    {
      route: 'admin-pools',
      label: 'pools.adminNav',
      icon: 'globe',
      group: 'admin',
      position: 36,
      permission: 'objects.manage',
    },
  ],
}

export default area
