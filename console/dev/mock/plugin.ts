/** Answers the REST surface from memory while screens are made. Never part of a build. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect, Plugin } from 'vite'
import { gatewayRoutes } from './gateway.ts'
import { problem, requestId, type Ask, type Reply, type Route } from './http.ts'
import { notifyRoutes } from './notify.ts'
import { recordRoutes } from './records.ts'
import { workflowRoutes } from './workflow.ts'

/** Areas add their tables of routes here. The first match answers. */
const ROUTES: Route[] = [...gatewayRoutes, ...recordRoutes, ...workflowRoutes, ...notifyRoutes]

const DELAY_MS = Number(process.env.FREEHOLD_MOCK_DELAY ?? 60)

export function mockApi(): Plugin {
  return {
    name: 'freehold-mock',
    configureServer: (server) => void server.middlewares.use(middleware),
    configurePreviewServer: (server) => void server.middlewares.use(middleware),
  }
}

function middleware(request: IncomingMessage, response: ServerResponse, next: Connect.NextFunction): void {
  if (!request.url?.startsWith('/api/')) return next()
  void readBody(request).then((body) => setTimeout(() => answer(request, response, body), DELAY_MS))
}

function answer(request: IncomingMessage, response: ServerResponse, body: unknown): void {
  const url = new URL(request.url as string, 'http://mock')
  const ask: Ask = { path: url.pathname, params: [], query: url.searchParams, body, request, response }
  write(response, replyTo(ask, request.method ?? 'GET'))
}

function replyTo(ask: Ask, method: string): Reply {
  for (const [routeMethod, path, handle] of ROUTES) {
    const match = routeMethod === method ? path.exec(ask.path) : null
    if (match) return handle({ ...ask, params: match.slice(1).map(decodeURIComponent) })
  }
  return problem(404, 'not_found', `Nothing is mocked at ${method} ${ask.path}`)
}

function write(response: ServerResponse, reply: Reply): void {
  if (reply.handled) return
  response.writeHead(reply.status ?? 200, {
    'Content-Type': reply.text === undefined ? 'application/json' : 'text/plain',
    'X-Request-ID': requestId(),
    ...reply.headers,
  })
  response.end(reply.text ?? (reply.json === undefined ? '' : JSON.stringify(reply.json)))
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  try {
    return text ? (JSON.parse(text) as unknown) : undefined
  } catch {
    return text
  }
}
