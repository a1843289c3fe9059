/** Whether the window is as narrow as a phone; the same width as in the style sheets. */
import { onScopeDispose, ref, type Ref } from 'vue'

const QUERY = '(max-width: 720px)'

export function useNarrow(): Ref<boolean> {
  const media = matchMedia(QUERY)
  const narrow = ref(media.matches)
  const follow = (event: MediaQueryListEvent) => (narrow.value = event.matches)
  media.addEventListener('change', follow)
  onScopeDispose(() => media.removeEventListener('change', follow))
  return narrow
}
