import { assemble } from './assemble'

export default assemble(
  import.meta.glob('../locales/en/*.json', { eager: true }),
  import.meta.glob('../areas/*/locales/en.json', { eager: true }),
)
