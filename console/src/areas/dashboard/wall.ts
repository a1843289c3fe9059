/** A board on a screen on the wall: it fills the screen, and asks anew by itself as every board that is looked at does. */
import { onScopeDispose, ref, type Ref } from 'vue'

const LOOKED_AT_MS = 60_000
const ON_THE_WALL_MS = 10_000

/** `still` says that now is no time to ask. */
export function useWall(host: Readonly<Ref<HTMLElement | null>>, ask: () => Promise<void>, still: () => boolean) {
  const onWall = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function wait(): void {
    clearTimeout(timer)
    timer = setTimeout(again, onWall.value ? ON_THE_WALL_MS : LOOKED_AT_MS)
  }

  async function again(): Promise<void> {
    if (!document.hidden && !still()) await ask()
    wait()
  }

  function follow(): void {
    onWall.value = !!document.fullscreenElement && document.fullscreenElement === host.value
    wait()
  }

  const enter = () => host.value?.requestFullscreen().catch(() => undefined)

  document.addEventListener('fullscreenchange', follow)
  wait()
  onScopeDispose(() => {
    clearTimeout(timer)
    document.removeEventListener('fullscreenchange', follow)
  })
  return { onWall, enter }
}
