import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { http, newIdempotencyKey, setRequestLanguage } from '@/api/http'
import { leavePage } from '@/api/navigation'
import { ProblemError, UnreachableError, isAbort } from '@/api/problem'
import { endSession, keepTokens, onSessionEnd, tokens } from '@/api/session'

type Call = { url: string; init: RequestInit }
let calls: Call[] = []

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers })
}

function server(reply: (call: Call, index: number) => Response | Promise<Response>): void {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    calls.push({ url, init })
    return Promise.resolve(reply({ url, init }, calls.length - 1))
  })
}

const pair = (name: string, expires_in = 600) => ({
  access_token: `${name}-access`,
  refresh_token: `${name}-refresh`,
  token_type: 'Bearer',
  expires_in,
})
const headerOf = (call: Call | undefined, name: string) => (call?.init.headers as Record<string, string>)[name]
const toRecords = () => calls.filter((call) => !call.url.startsWith('/api/auth'))

beforeEach(() => {
  calls = []
  localStorage.clear()
  setRequestLanguage('en')
})
afterEach(() => vi.unstubAllGlobals())

describe('the HTTP client', () => {
  it('sends the bearer token and the language', async () => {
    keepTokens(pair('first'))
    setRequestLanguage('zh-CN')
    server(() => answer(200, { fine: true }))
    await http.get('/api/x', { query: { q: '王', empty: '', none: undefined } })
    expect(headerOf(calls[0], 'Authorization')).toBe('Bearer first-access')
    expect(headerOf(calls[0], 'Accept-Language')).toBe('zh-CN')
    expect(calls[0]?.url).toBe('/api/x?q=%E7%8E%8B')
  })

  it('never puts a token into an address', async () => {
    keepTokens(pair('first', 1))
    server(({ url }) => answer(200, url.endsWith('refresh') ? pair('second') : {}))
    await http.get('/api/x')
    expect(calls.map((call) => call.url).join(' ')).not.toMatch(/access|first|second/)
  })

  it('renews an expired token once for many calls at the same time', async () => {
    keepTokens(pair('first', 1))
    server(({ url }) => answer(200, url.endsWith('refresh') ? pair('second') : {}))
    await Promise.all([http.get('/api/a'), http.get('/api/b'), http.get('/api/c')])
    expect(calls.filter((call) => call.url === '/api/auth/refresh')).toHaveLength(1)
    expect(toRecords().map((call) => headerOf(call, 'Authorization'))).toEqual(Array(3).fill('Bearer second-access'))
  })

  it('tries once more with a new token when the old one is refused', async () => {
    keepTokens(pair('first'))
    server(({ url, init }) => {
      if (url.endsWith('refresh')) return answer(200, pair('second'))
      const token = (init.headers as Record<string, string>).Authorization
      return token === 'Bearer second-access' ? answer(200, { ok: 1 }) : answer(401, { code: 'token_expired' })
    })
    expect(await http.get('/api/x')).toEqual({ ok: 1 })
  })

  it('ends the session when the refresh token is refused', async () => {
    keepTokens(pair('first', 1))
    const ended = vi.fn()
    const stop = onSessionEnd(ended)
    server(({ url }) => answer(401, { code: url.endsWith('refresh') ? 'token_reused' : 'unauthorized' }))
    await expect(http.get('/api/x')).rejects.toBeInstanceOf(ProblemError)
    expect(ended).toHaveBeenCalledWith('expired')
    expect(tokens()).toBeNull()
    stop()
  })

  it('keeps the session when the server is only away', async () => {
    keepTokens(pair('first', 1))
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')))
    await expect(http.get('/api/x')).rejects.toThrow()
    expect(tokens()).not.toBeNull()
    endSession('left')
  })

  it('turns a refusal into a typed problem with fields and request id', async () => {
    server(() =>
      answer(422, {
        title: 'Invalid',
        detail: 'Some fields are not right.',
        code: 'invalid',
        request_id: 'r-1',
        errors: [{ pointer: '/values/expected_amount/amount', code: 'type', detail: 'Not a number.' }],
      }),
    )
    const error = (await http.post('/api/x', {}, { anonymous: true }).catch((one: unknown) => one)) as ProblemError
    expect(error).toBeInstanceOf(ProblemError)
    expect(error.requestId).toBe('r-1')
    expect(error.byField('values')).toEqual({ expected_amount: 'Not a number.' })
  })

  it('understands a refusal that is no problem document', async () => {
    server(() => new Response('<html>Bad gateway</html>', { status: 502, headers: { 'X-Request-ID': 'edge-7' } }))
    const error = (await http.get('/api/x', { anonymous: true }).catch((one: unknown) => one)) as ProblemError
    expect([error.status, error.code, error.requestId]).toEqual([502, 'http_502', 'edge-7'])
  })

  it('says that the server is away when there is no answer', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')))
    await expect(http.get('/api/x', { anonymous: true })).rejects.toBeInstanceOf(UnreachableError)
  })

  it('sends If-Match and Idempotency-Key', async () => {
    server(() => answer(200, {}))
    await http.patch('/api/x', { a: 1 }, { ifMatch: 4, anonymous: true })
    await http.post('/api/x', { a: 1 }, { idempotencyKey: 'k', anonymous: true })
    expect(headerOf(calls[0], 'If-Match')).toBe('"4"')
    expect(headerOf(calls[1], 'Idempotency-Key')).toBe('k')
    expect(newIdempotencyKey()).not.toBe(newIdempotencyKey())
  })

  it('drops the reads of a page that is left, but not what must last', async () => {
    server(
      ({ init }) =>
        new Promise((resolve, reject) => {
          init.signal?.addEventListener('abort', () => reject(new DOMException('gone', 'AbortError')))
          setTimeout(() => resolve(answer(200, {})), 20)
        }),
    )
    const page = http.get('/api/page', { anonymous: true }).catch((error: unknown) => error)
    const store = http.get('/api/store', { anonymous: true, lasting: true })
    await Promise.resolve()
    leavePage()
    expect(isAbort(await page)).toBe(true)
    await expect(store).resolves.toEqual({})
  })
})
