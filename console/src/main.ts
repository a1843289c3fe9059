import { createPinia } from 'pinia'
import { createApp } from 'vue'
import './design/tokens.css'
import './design/base.css'
import './design/element.css'
import './design/parts.css'
import App from './App.vue'
import { isAbort } from './api/problem'
import { i18n, useLanguage } from './i18n'
import { router } from './router'
import { useUi } from './stores/ui'

const app = createApp(App).use(createPinia()).use(i18n)
app.config.errorHandler = (error) => {
  if (!isAbort(error)) console.error(error)
}
window.addEventListener('unhandledrejection', (event) => {
  if (isAbort(event.reason)) event.preventDefault()
})

void useLanguage(useUi().memory.locale).then(() => app.use(router).mount('#app'))
