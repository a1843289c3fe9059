/** What a person has searched for lately, on this device; only searches that led somewhere. */
import { computed, ref } from 'vue'

const KEY = 'freehold.searches'
const MOST = 6
type Memory = Record<string, string[]>

function remembered(): Memory {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Memory
  } catch {
    return {}
  }
}

/** The words with the newest first, each once. */
export function withNewest(words: string[], newest: string): string[] {
  return [newest, ...words.filter((one) => one !== newest)].slice(0, MOST)
}

export function useRecentSearches(person: () => string) {
  const memory = ref<Memory>(remembered())
  const recent = computed(() => memory.value[person()] ?? [])

  function keep(words: string[]): void {
    memory.value = { ...memory.value, [person()]: words }
    localStorage.setItem(KEY, JSON.stringify(memory.value))
  }

  const remember = (words: string): void => keep(withNewest(recent.value, words))
  const forget = (): void => keep([])

  return { recent, remember, forget }
}
