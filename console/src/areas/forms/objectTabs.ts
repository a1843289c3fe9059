/** The forms of an object, on the object's own page. */
export default [
  { key: 'forms', label: 'forms.nav', position: 30, component: () => import('./components/ObjectForms.vue') },
]
