/** The kinds of lines that records of an object have, as far as the person may read them. */
import { computed } from 'vue'
import type { ObjectDefinition } from '@/api/types'
import { useMetadata } from '@/stores/metadata'
import { useSession } from '@/stores/session'

export const isLine = (object: ObjectDefinition) => Boolean(object.line_of)

export function useLineKinds(object: () => string) {
  const metadata = useMetadata()
  const session = useSession()
  return computed(() =>
    metadata
      .referencesTo(object())
      .filter(
        ({ object: other, field }) => other.line_of?.reference === field.name && session.mayDo(other.name, 'read'),
      )
      .map(({ object: other }) => other),
  )
}
