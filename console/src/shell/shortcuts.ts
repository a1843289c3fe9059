/** Keys: `/` to search, `g` then a letter to go somewhere, `?` for the list of keys. Never while somebody types. */
import { onBeforeUnmount, onMounted, ref } from 'vue'
import { useRouter } from 'vue-router'
import { useNavigation } from './navigation'

const CHORD_MS = 1200

export function useShortcuts() {
  const router = useRouter()
  const { sections } = useNavigation()
  const helpOpen = ref(false)
  let chordUntil = 0

  function onKey(event: KeyboardEvent): void {
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
    if (Date.now() < chordUntil) return go(event)
    if (event.key === '/') return focusSearch(event)
    if (event.key === '?') helpOpen.value = true
    if (event.key === 'g') chordUntil = Date.now() + CHORD_MS
  }

  function go(event: KeyboardEvent): void {
    chordUntil = 0
    const entries = sections.value.flatMap((section) => section.entries)
    const entry = entries.find((one) => one.shortcut === event.key)
    if (!entry) return
    event.preventDefault()
    void router.push(entry.to)
  }

  onMounted(() => window.addEventListener('keydown', onKey))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey))
  return { helpOpen }
}

function focusSearch(event: KeyboardEvent): void {
  const target = document.querySelector<HTMLInputElement>('[data-search]')
  if (!target) return
  event.preventDefault()
  target.focus()
  target.select()
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}
