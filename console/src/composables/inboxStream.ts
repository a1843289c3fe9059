/**
 * Keeps the unread count true while the page is in view. Server-sent events are read with fetch, because an EventSource
 * cannot carry the bearer token; when the stream cannot be held, the count is asked for every half minute.
 */
import { onBeforeUnmount, onMounted } from 'vue'
import { http, send } from '@/api/http'
import { isAbort } from '@/api/problem'
import { EventReader } from '@/api/eventStream'
import type { InboxItem } from '@/api/types'
import { useCounts } from '@/stores/counts'

const BASE = '/api/notify/v1/inbox'
const POLL_MS = 30_000
const FIRST_WAIT_MS = 2000
const LONGEST_WAIT_MS = 60_000

export interface InboxEvent {
  unread: number
  item?: InboxItem | null
}

type Listener = (event: InboxEvent) => void
const listeners = new Set<Listener>()

/** Lets an area hear of new items while it is shown. */
export function onInbox(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useInboxStream(): void {
  const counts = useCounts()
  let controller: AbortController | null = null
  let timer = 0
  let wait = FIRST_WAIT_MS

  function hear(event: InboxEvent): void {
    counts.set('inbox', event.unread)
    listeners.forEach((listener) => listener(event))
  }

  async function ask(): Promise<void> {
    try {
      hear(await http.get<InboxEvent>(`${BASE}/summary`, { lasting: true }))
    } catch (error) {
      if (!isAbort(error)) wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
  }

  async function hold(): Promise<void> {
    controller = new AbortController()
    const { signal } = controller
    try {
      await listen(signal, hear, () => (wait = FIRST_WAIT_MS))
    } catch (error) {
      if (isAbort(error) || signal.aborted) return
      wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
    if (!signal.aborted) timer = window.setTimeout(() => void open(), Math.min(wait, POLL_MS))
  }

  async function open(): Promise<void> {
    await ask()
    await hold()
  }

  function close(): void {
    clearTimeout(timer)
    controller?.abort()
  }

  function onVisibility(): void {
    close()
    if (document.visibilityState === 'visible') void open()
  }

  onMounted(() => {
    document.addEventListener('visibilitychange', onVisibility)
    void open()
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', onVisibility)
    close()
  })
}

async function listen(signal: AbortSignal, hear: Listener, alive: () => void): Promise<void> {
  const response = await send('GET', `${BASE}/stream`, { signal, headers: { Accept: 'text/event-stream' } })
  if (!response.body) return
  const events = new EventReader()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    alive()
    for (const event of events.push(part.value)) {
      if (event.name === 'inbox') hear(JSON.parse(event.data) as InboxEvent)
    }
  }
}
