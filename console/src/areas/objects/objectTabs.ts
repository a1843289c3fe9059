import type { ObjectTab } from './tabs'

const tabs: ObjectTab[] = [
  { key: 'general', label: 'objects.tab.general', position: 10, component: () => import('./tabs/GeneralTab.vue') },
  { key: 'fields', label: 'objects.tab.fields', position: 20, component: () => import('./tabs/FieldsTab.vue') },
  { key: 'stages', label: 'objects.tab.stages', position: 30, component: () => import('./tabs/StagesTab.vue') },
  { key: 'lock', label: 'objects.tab.lock', position: 35, component: () => import('./tabs/LockTab.vue') },
  { key: 'bin', label: 'objects.tab.bin', position: 90, component: () => import('./tabs/BinTab.vue') },
]

export default tabs
