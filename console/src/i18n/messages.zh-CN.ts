import { assemble } from './assemble'

export default assemble(
  import.meta.glob('../locales/zh-CN/*.json', { eager: true }),
  import.meta.glob('../areas/*/locales/zh-CN.json', { eager: true }),
)
