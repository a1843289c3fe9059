/** Mock of the inbox. */
import { ok, type Route } from './http.ts'

const INBOX = '/api/notify/v1/inbox'

export const notifyRoutes: Route[] = [
  ['GET', new RegExp(`^${INBOX}/summary$`), () => ok({ unread: 3 })],
  [
    'GET',
    new RegExp(`^${INBOX}/stream$`),
    ({ response, request }) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      const timer = setInterval(() => response.write(': alive\n\n'), 5000)
      request.on('close', () => clearInterval(timer))
      response.write('event: inbox\ndata: {"unread": 4}\n\n')
      return { handled: true }
    },
  ],
  [
    'GET',
    /^\/api\/notify\/v1\/addresses$/,
    () => ok({ items: [{ channel: 'email', on: true, address: null, own: false }] }),
  ],
  ['GET', /^\/api\/notify\/v1\/preferences$/, () => ok(preferences)],
  ['PUT', /^\/api\/notify\/v1\/preferences$/, ({ body }) => ok(Object.assign(preferences, body))],
]

const preferences = {
  channels: { inbox: true, email: false },
  digest: 'immediate',
  quiet: { from: '22:00', to: '07:00' },
}
