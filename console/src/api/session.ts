/**
 * The signed-in session of this browser: where its tokens live and how they are renewed.
 *
 * Both tokens are kept in localStorage, so that all tabs of a person are one session. The refresh token rotates and
 * a second use of it ends the session, hence only one tab may renew at a time: a Web Lock guards the exchange, or a
 * lease in localStorage where the page has no secure context. Whoever gets the lock looks first whether another tab
 * has renewed meanwhile. Tokens never appear in an address, and the page is served with a strict script policy.
 */

/** What opens the API for some minutes. */
export interface Access {
  access_token: string
  token_type: string
  expires_in: number
}

export interface TokenPair extends Access {
  refresh_token: string
}

interface StoredTokens {
  access: string
  refresh: string
  expiresAt: number
}

const KEY = 'freehold.session'
const LEASE = 'freehold.session.lease'
const LEASE_MS = 8000
const EARLY_MS = 20_000

/** Why it ended: the person left, or the server no longer takes the tokens. */
export type SessionEnd = 'left' | 'expired'

type Listener = (why: SessionEnd) => void
const endListeners = new Set<Listener>()
let flight: Promise<boolean> | null = null

export function tokens(): StoredTokens | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as StoredTokens | null
  } catch {
    return null
  }
}

export function keepTokens(pair: TokenPair): void {
  const stored: StoredTokens = {
    access: pair.access_token,
    refresh: pair.refresh_token,
    expiresAt: Date.now() + pair.expires_in * 1000,
  }
  localStorage.setItem(KEY, JSON.stringify(stored))
}

/** Goes on in the same session with another access token; a session that ended meanwhile stays ended. */
export function keepAccess(given: Access): void {
  const held = tokens()
  if (held) keepTokens({ ...given, refresh_token: held.refresh })
}

export function forgetTokens(): void {
  localStorage.removeItem(KEY)
}

export function signedIn(): boolean {
  return tokens() !== null
}

/** Calls back when the session has ended here or in another tab. */
export function onSessionEnd(listener: Listener): () => void {
  endListeners.add(listener)
  return () => endListeners.delete(listener)
}

export function endSession(why: SessionEnd): void {
  forgetTokens()
  endListeners.forEach((listener) => listener(why))
}

/** A valid access token, renewed when it is about to expire; null when nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  const held = tokens()
  if (!held) return null
  if (held.expiresAt - EARLY_MS > Date.now()) return held.access
  await renew(held.access)
  return tokens()?.access ?? null
}

/** Renews the pair once for all callers; false when the session is over. `stale` is the token that was refused. */
export function renew(stale: string): Promise<boolean> {
  flight ??= exclusively(() => exchange(stale)).finally(() => {
    flight = null
  })
  return flight
}

async function exchange(stale: string): Promise<boolean> {
  const held = tokens()
  if (!held) return false
  if (held.access !== stale) return true
  const response = await fetch('/api/auth/refresh', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ refresh_token: held.refresh }),
  })
  if (response.ok) {
    keepTokens((await response.json()) as TokenPair)
    return true
  }
  if (response.status === 401 || response.status === 403 || response.status === 422) endSession('expired')
  return false
}

async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  if (navigator.locks) return (await navigator.locks.request('freehold.session', work)) as T
  await takeLease()
  try {
    return await work()
  } finally {
    localStorage.removeItem(LEASE)
  }
}

async function takeLease(): Promise<void> {
  const until = Date.now() + LEASE_MS
  while (Number(localStorage.getItem(LEASE) ?? 0) > Date.now() && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  localStorage.setItem(LEASE, String(Date.now() + LEASE_MS))
}

window.addEventListener('storage', (event) => {
  if (event.key === KEY && event.newValue === null) endListeners.forEach((listener) => listener('left'))
})
