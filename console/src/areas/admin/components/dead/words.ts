/** Services and events in words; an event that this console does not know keeps its technical name. */
import { useI18n } from 'vue-i18n'
import type { ServiceName } from '../../api/deadLetters'

export function useLetterWords() {
  const { t, te } = useI18n()

  const serviceWords = (name: ServiceName) => t(`admin.dead.service.${name}`)

  /** `freehold.customer.record.changed.v1` is looked up as `customer_record_changed`. */
  function eventWords(type: string): string {
    const key = `admin.dead.event.${type
      .replace(/^freehold\./, '')
      .replace(/\.v\d+$/, '')
      .replaceAll('.', '_')}`
    return te(key) ? t(key) : type
  }

  return { serviceWords, eventWords }
}
