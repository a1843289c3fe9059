/** Words in two languages, as the server wants them. */
import type { Text } from '@/api/types'

/** Without the languages in which nothing was written. */
export function tidy(words: Text): Text {
  const said = Object.entries(words).map(([locale, text]) => [locale, text.trim()])
  return Object.fromEntries(said.filter(([, text]) => text)) as Text
}
