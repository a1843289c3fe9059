/** The shape of the mock: a table of routes, plain answers, problems. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Ask {
  path: string
  params: string[]
  query: URLSearchParams
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any
  request: IncomingMessage
  response: ServerResponse
}

export interface Reply {
  status?: number
  json?: unknown
  headers?: Record<string, string>
  text?: string
  /** The handler writes to the response itself (streams). */
  handled?: boolean
}

export type Route = [method: string, path: RegExp, handle: (ask: Ask) => Reply]

export const ok = (json: unknown, status = 200): Reply => ({ status, json })

export const problem = (status: number, code: string, detail: string, errors: unknown[] = []): Reply => ({
  status,
  json: { type: `about:${code}`, title: detail, status, detail, code, request_id: requestId(), errors },
  headers: { 'Content-Type': 'application/problem+json' },
})

/** A page of a whole list by a cursor that is simply the offset. */
export function page<T>(items: T[], ask: Ask, body?: { limit?: number; cursor?: string; total?: string }): Reply {
  const limit = Number(body?.limit ?? ask.query.get('limit') ?? 20)
  const start = Number(body?.cursor ?? ask.query.get('cursor') ?? 0)
  const end = start + limit
  const total = body?.total ?? ask.query.get('total')
  return ok({
    items: items.slice(start, end),
    next_cursor: end < items.length ? String(end) : null,
    ...(total ? { total: items.length } : {}),
  })
}

export const requestId = () => `01a7${Math.random().toString(16).slice(2, 14)}`

let counter = 0

export function newId(): string {
  counter += 1
  return `0199a000-0000-7000-8000-${counter.toString(16).padStart(12, '0')}`
}
