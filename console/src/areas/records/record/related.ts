/** What belongs to a record: other objects that refer to it, and the follow-ups among them. */
import { computed } from 'vue'
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import { useMetadata } from '@/stores/metadata'
import { useSession } from '@/stores/session'

/** The object that follow-ups are kept in, and the fields of it that the composer fills. */
export const FOLLOW_UP = 'activity'
export const FOLLOW_UP_FIELDS = {
  channel: 'channel',
  content: 'content',
  nextStep: 'next_step',
  nextStepAt: 'next_step_at',
  at: 'happened_at',
}

export interface Relation {
  object: ObjectDefinition
  field: FieldDefinition
}

/**
 * Lists below a record: follow-ups have their own place, where a conversion came from is no list, and records of the
 * same kind (subsidiaries) come last.
 */
export function useRelated(object: () => string) {
  const metadata = useMetadata()
  const session = useSession()
  return computed<Relation[]>(() =>
    metadata
      .referencesTo(object())
      .filter(({ object: other }) => other.name !== FOLLOW_UP && session.mayDo(other.name, 'read'))
      .filter(({ object: other, field }) => other.line_of?.reference !== field.name)
      .filter(({ object: other, field }) => !(field.name in (other.conversion?.references ?? {})))
      .sort((one, other) => Number(one.object.name === object()) - Number(other.object.name === object())),
  )
}

/** How follow-ups refer to this object; null when they do not or may not be read. */
export function useFollowUps(object: () => string) {
  const metadata = useMetadata()
  const session = useSession()
  return computed<Relation | null>(() => {
    const found = metadata.referencesTo(object()).find(({ object: other }) => other.name === FOLLOW_UP)
    return found && object() !== FOLLOW_UP && session.mayDo(FOLLOW_UP, 'read') ? found : null
  })
}
