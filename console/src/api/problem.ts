/** Errors of the REST surface: RFC 9457 problems, and a server that cannot be reached. */

export interface FieldProblem {
  pointer: string
  code: string
  detail: string
}

export interface ProblemBody {
  type?: string
  title?: string
  status?: number
  detail?: string
  instance?: string
  code?: string
  request_id?: string
  errors?: FieldProblem[]
  /** Of a record that a merge has taken in: the one that stayed. */
  merged_into?: string
}

/** A refusal by the server, with its code, sentence, field errors and request id. */
export class ProblemError extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly requestId: string
  readonly fields: FieldProblem[]
  readonly retryAfter: number | null
  readonly mergedInto: string | null

  constructor(status: number, body: ProblemBody, headers?: Headers) {
    super(body.detail || body.title || `HTTP ${status}`)
    this.name = 'ProblemError'
    this.status = status
    this.code = body.code ?? `http_${status}`
    this.title = body.title ?? ''
    this.detail = body.detail ?? ''
    this.requestId = body.request_id ?? headers?.get('X-Request-ID') ?? ''
    this.fields = body.errors ?? []
    this.mergedInto = body.merged_into ?? null
    this.retryAfter = seconds(headers?.get('Retry-After'))
  }

  /** The errors by the first segment of their pointer, without any of the given prefixes: `/values/name` → `name`. */
  byField(...prefixes: string[]): Record<string, string> {
    const found: Record<string, string> = {}
    for (const { pointer, detail } of this.fields) {
      const name = fieldOf(pointer, prefixes)
      if (name && !(name in found)) found[name] = detail
    }
    return found
  }
}

/** The server did not answer: no network, a restart, a proxy in between. */
export class UnreachableError extends Error {
  constructor(cause: unknown) {
    super('unreachable', { cause })
    this.name = 'UnreachableError'
  }
}

/** Says whether an error only means that the page that asked is gone. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

export function isProblem(error: unknown, code?: string | number): error is ProblemError {
  if (!(error instanceof ProblemError)) return false
  return code === undefined || error.code === code || error.status === code
}

function fieldOf(pointer: string, prefixes: string[]): string {
  const parts = pointer.replace(/^#/, '').split('/').filter(Boolean).map(unescapePointer)
  while (parts.length > 1 && prefixes.includes(parts[0] as string)) parts.shift()
  return parts[0] ?? ''
}

function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

function seconds(header: string | null | undefined): number | null {
  if (!header) return null
  const value = Number(header)
  return Number.isFinite(value) ? value : null
}
