/**
 * One way to ask the server: bearer token with one silent renewal, JSON in and out, problems as ProblemError.
 *
 * Reads belong to the page that asks for them and are dropped when the person navigates on; writes and reads marked
 * `lasting` are not.
 */
import { accessToken, renew } from './session'
import { pageSignal } from './navigation'
import { ProblemError, UnreachableError, isAbort, type ProblemBody } from './problem'

export type QueryValue = string | number | boolean | null | undefined
export type Query = Record<string, QueryValue | QueryValue[]>

export interface RequestOptions {
  query?: Query
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
  /** Not dropped on navigation: metadata, session, anything a store keeps. */
  lasting?: boolean
  /** Sent as If-Match: the version the person saw. */
  ifMatch?: number
  /** Sent as Idempotency-Key: the same key never creates twice. */
  idempotencyKey?: string
  /** For calls before sign-in. */
  anonymous?: boolean
}

export interface Answer<T> {
  data: T
  status: number
  headers: Headers
}

let language = 'en'

/** The language the server answers in. */
export function setRequestLanguage(locale: string): void {
  language = locale
}

export function newIdempotencyKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function address(path: string, query?: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const single of Array.isArray(value) ? value : [value]) {
      if (single !== undefined && single !== null && single !== '') search.append(name, String(single))
    }
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

/** Sends a request and returns the raw response; refusals are thrown as ProblemError. */
export async function send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const url = address(path, options.query)
  const token = options.anonymous ? null : await accessToken()
  let response = await attempt(method, url, options, token)
  if (response.status === 401 && token && (await renew(token))) {
    response = await attempt(method, url, options, await accessToken())
  }
  if (!response.ok) throw await problemOf(response)
  return response
}

async function attempt(method: string, url: string, options: RequestOptions, token: string | null): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: headersOf(options, token),
      body: bodyOf(options.body),
      signal: signalOf(method, options),
    })
  } catch (error) {
    throw isAbort(error) ? error : new UnreachableError(error)
  }
}

function headersOf(options: RequestOptions, token: string | null): Record<string, string> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': language }
  if (options.body instanceof Blob) headers['Content-Type'] = 'application/octet-stream'
  else if (options.body !== undefined && !(options.body instanceof FormData))
    headers['Content-Type'] = 'application/json'
  if (token) headers.Authorization = `Bearer ${token}`
  if (options.ifMatch !== undefined) headers['If-Match'] = `"${options.ifMatch}"`
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey
  return { ...headers, ...options.headers }
}

function bodyOf(body: unknown): BodyInit | undefined {
  if (body === undefined) return undefined
  return body instanceof FormData || body instanceof Blob ? body : JSON.stringify(body)
}

function signalOf(method: string, options: RequestOptions): AbortSignal | undefined {
  if (options.signal) return options.signal
  return method === 'GET' && !options.lasting ? pageSignal() : undefined
}

async function problemOf(response: Response): Promise<ProblemError> {
  let body: ProblemBody = {}
  try {
    body = (await response.json()) as ProblemBody
  } catch {
    body = { title: response.statusText }
  }
  return new ProblemError(response.status, body, response.headers)
}

async function ask<T>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
  const response = await send(method, path, options)
  const empty = response.status === 204 || response.headers.get('Content-Length') === '0'
  const data = (empty ? undefined : await response.json()) as T
  return { data, status: response.status, headers: response.headers }
}

export const http = {
  ask,
  get: async <T>(path: string, options?: RequestOptions) => (await ask<T>('GET', path, options)).data,
  post: async <T>(path: string, body?: unknown, options?: RequestOptions) =>
    (await ask<T>('POST', path, { ...options, body })).data,
  put: async <T>(path: string, body?: unknown, options?: RequestOptions) =>
    (await ask<T>('PUT', path, { ...options, body })).data,
  patch: async <T>(path: string, body?: unknown, options?: RequestOptions) =>
    (await ask<T>('PATCH', path, { ...options, body })).data,
  delete: async <T = void>(path: string, options?: RequestOptions) => (await ask<T>('DELETE', path, options)).data,
}

/** Asks for a file and hands it to the browser's downloads, under the name the server gives. */
export async function download(
  method: string,
  path: string,
  fallbackName: string,
  options?: RequestOptions,
): Promise<void> {
  const response = await send(method, path, { ...options, headers: { Accept: '*/*' }, lasting: true })
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = nameOf(response.headers.get('Content-Disposition')) ?? fallbackName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

function nameOf(disposition: string | null): string | null {
  if (!disposition) return null
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(disposition)
  if (extended) return decodeURIComponent(extended[1] as string)
  return /filename="?([^";]+)"?/i.exec(disposition)?.[1] ?? null
}
