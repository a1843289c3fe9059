/**
 * Names of elements in two languages. A file has one `name` for other tools, and ours beside it (`freehold:name`). On the
 * screen stands the name in the language of whoever looks; in the file it is the English one again, where there is one.
 */
import type { Locale, Text } from '@/api/types'
import { pickText } from '@/composables/text'
import type { Part } from './types'

export const FILE_LANGUAGE: Locale = 'en'

/** The names that an element has of ours; empty when it has none. */
export function namesOf(part: Part): Text {
  const values: Part[] = part.extensionElements?.values ?? []
  return Object.fromEntries(
    values.filter(({ $type }) => $type === 'freehold:Name').map(({ locale, text }) => [locale, text ?? '']),
  )
}

/** Every named element of a file: processes, pools, nodes, flows, also within sub-processes. */
export function* partsOf(definitions: Part): Generator<Part> {
  const waiting: Part[] = [...(definitions.rootElements ?? [])]
  for (let one = waiting.pop(); one; one = waiting.pop()) {
    yield one
    waiting.push(...(one.flowElements ?? []), ...(one.participants ?? []), ...(one.artifacts ?? []))
    for (const lanes of one.laneSets ?? []) waiting.push(...(lanes.lanes ?? []))
  }
}

/** Lets each element that has names of ours show the one in a language. */
export function showNames(definitions: Part, locale: Locale): void {
  for (const part of partsOf(definitions)) {
    const name = pickText(namesOf(part), locale)
    if (name) part.name = name
  }
}
