/** What every card of an approval needs to know: the object, what is wrong, and how to say things. */
import { inject, provide, type InjectionKey, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Fault } from '@/api/faults'
import type { Locale, Text } from '@/api/types'
import type { Named } from '@/areas/rules/api'

export interface Surroundings {
  object: Ref<string>
  faults: Ref<Fault[]>
  kinds: Ref<Named[]>
  templates: Ref<Named[]>
  /** Something at this place was written anew. */
  forgive: (place: string) => void
  /** Tells of the conditions below this place that are unfinished; whether there are none. */
  isFinished: (place: string, unfinished: string[]) => boolean
}

const KEY: InjectionKey<Surroundings> = Symbol('approval')

export const surround = (surroundings: Surroundings) => provide(KEY, surroundings)

export function useSurroundings(): Surroundings {
  const found = inject(KEY)
  if (!found) throw new Error('a card stands outside of an approval')
  return found
}

/** Words of a new card, in the language of whoever draws it. */
export function useNewWords() {
  const { t, locale } = useI18n()
  return (key: string): Text => ({ [locale.value as Locale]: t(`approvals.new.${key}`) })
}
