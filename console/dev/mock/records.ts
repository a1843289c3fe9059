/** Mock of objects and records: queries, saves with versions, batches, timelines, conversion. */
import type { Criteria, Clause } from '../../src/criteria/model.ts'
import type { Money, RecordData } from '../../src/api/types.ts'
import { DEPARTMENTS, PEOPLE } from './gateway.ts'
import { newId, ok, page, problem, type Ask, type Reply, type Route } from './http.ts'
import { OBJECTS, rows } from './seed.ts'

const RECORDS = '/api/customer/v1/records/([^/]+)'
const definition = (name: string) => OBJECTS.find((object) => object.name === name)
const now = () => new Date().toISOString()

function plain(value: unknown): string {
  if (value && typeof value === 'object' && 'amount' in value) return (value as Money).amount
  return String(value)
}

function compare(one: unknown, other: unknown): number {
  const [a, b] = [plain(one), plain(other)]
  return Number.isNaN(Number(a) - Number(b)) ? a.localeCompare(b) : Number(a) - Number(b)
}

function clauseHolds(clause: Clause, row: RecordData): boolean {
  const value = row[clause.field.split('.')[0] as string]
  const missing = value === null || value === undefined || value === ''
  const wanted = clause.value === '$me' ? 'u-1' : clause.value
  const list = Array.isArray(wanted) ? wanted : [wanted]
  switch (clause.op) {
    case 'is_set':
      return !missing
    case 'is_empty':
      return missing
    case 'eq':
      return !missing && compare(value, wanted) === 0
    case 'ne':
      return missing || compare(value, wanted) !== 0
    case 'in':
      return list.includes(value)
    case 'not_in':
      return !list.includes(value)
    case 'contains':
      return !missing && plain(value).includes(String(wanted))
    case 'not_contains':
      return missing || !plain(value).includes(String(wanted))
    case 'starts_with':
      return plain(value).startsWith(String(wanted))
    case 'lt':
      return !missing && compare(value, wanted) < 0
    case 'lte':
      return !missing && compare(value, wanted) <= 0
    case 'gt':
      return !missing && compare(value, wanted) > 0
    case 'gte':
      return !missing && compare(value, wanted) >= 0
    case 'between':
      return !missing && compare(value, list[0]) >= 0 && compare(value, list[1]) <= 0
    default:
      return !missing
  }
}

function holds(criteria: Criteria | undefined, row: RecordData): boolean {
  if (!criteria) return true
  if ('all' in criteria) return criteria.all.every((inner) => holds(inner, row))
  if ('any' in criteria) return criteria.any.some((inner) => holds(inner, row))
  if ('not' in criteria) return !holds(criteria.not, row)
  return 'related' in criteria || clauseHolds(criteria, row)
}

function withLabels(object: string, row: RecordData): RecordData {
  const labels: Record<string, string> = {}
  for (const name of ['owner_id', 'created_by', 'updated_by']) {
    const person = PEOPLE.find((one) => one.id === row[name])
    if (person) labels[name] = person.name
  }
  const department = DEPARTMENTS.find((one) => one.id === row.department_id)
  if (department) labels.department_id = department.name
  for (const field of definition(object)?.fields ?? []) {
    if (field.type !== 'reference' || !row[field.name]) continue
    const target = definition(field.options.object ?? '')
    const found = rows[field.options.object ?? '']?.find((one) => one.id === row[field.name])
    if (target && found) labels[field.name] = String(found[target.title_field] ?? '')
  }
  return { ...row, _labels: labels }
}

function query(ask: Ask): Reply {
  const [object = ''] = ask.params
  const body = ask.body as {
    criteria?: Criteria
    q?: string
    sort?: string[]
    limit?: number
    cursor?: string
    total?: string
  }
  const found = (rows[object] ?? []).filter((row) => holds(body.criteria, row)).filter((row) => matches(row, body.q))
  const [order = '-created_at'] = body.sort ?? []
  const name = order.replace('-', '')
  const sign = order.startsWith('-') ? -1 : 1
  found.sort((a, b) => sign * compare(a[name] ?? '', b[name] ?? ''))
  return page(
    found.map((row) => withLabels(object, row)),
    ask,
    body,
  )
}

const matches = (row: RecordData, q?: string) =>
  !q || Object.values(row).some((value) => typeof value === 'string' && value.includes(q))

function search(ask: Ask): Reply {
  const q = ask.query.get('q') ?? ''
  const items = OBJECTS.flatMap((object) => {
    const found = (rows[object.name] ?? []).filter((row) => matches(row, q)).slice(0, 6)
    const hits = found.slice(0, 5).map((row) => ({
      id: row.id,
      title: row[object.title_field] ?? null,
      matched: Object.keys(row).find((name) => String(row[name]).includes(q)) ?? null,
      record: withLabels(object.name, row),
    }))
    return hits.length ? [{ object: object.name, more: found.length > 5, items: hits }] : []
  })
  return ok({ items, next_cursor: null })
}

const find = (object: string, id: string) => rows[object]?.find((row) => row.id === id)

function create(object: string, values: Record<string, unknown>): Reply {
  const missing =
    definition(object)?.fields.filter(
      (field) => field.required && field.default === undefined && !values[field.name],
    ) ?? []
  if (missing.length)
    return problem(
      422,
      'invalid',
      'Some fields are not right.',
      missing.map((field) => ({ pointer: `/${field.name}`, code: 'required', detail: 'This is required.' })),
    )
  if (String(values.name ?? '').includes('!'))
    return problem(422, 'invalid', 'Some fields are not right.', [
      { pointer: '/name', code: 'invalid', detail: 'No exclamation marks, please.' },
    ])
  const row = {
    owner_id: 'u-1',
    department_id: 'd-east',
    ...values,
    id: newId(),
    version: 1,
    created_at: now(),
    created_by: 'u-1',
    updated_at: now(),
    updated_by: 'u-1',
  } as RecordData
  rows[object]?.unshift(row)
  return ok(row, 201)
}

function update(object: string, id: string, values: Record<string, unknown>, version?: number): Reply {
  const row = find(object, id)
  if (!row) return problem(404, 'not_found', 'There is no such record.')
  if (version !== undefined && version !== row.version)
    return problem(412, 'stale', 'The record has changed meanwhile.')
  Object.assign(row, values, { version: row.version + 1, updated_at: now(), updated_by: 'u-1' })
  return ok(row)
}

function remove(object: string, id: string): Reply {
  rows[object] = (rows[object] ?? []).filter((row) => row.id !== id)
  return { status: 204 }
}

interface Operation {
  action: 'create' | 'update' | 'delete'
  id?: string
  values?: Record<string, unknown>
}

function runOperation(object: string, operation: Operation): unknown {
  const { action, id = '', values = {} } = operation
  const reply =
    action === 'create' ? create(object, values) : action === 'update' ? update(object, id, values) : remove(object, id)
  return (reply.status ?? 200) < 400
    ? { status: reply.status, record: reply.json }
    : { status: reply.status, problem: reply.json }
}

function timeline(object: string, id: string): unknown[] {
  const row = find(object, id)
  if (!row) return []
  const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()
  const status = definition(object)?.fields.find(
    (field) => field.type === 'choice' && field.options.choices?.some((choice) => choice.color),
  )
  const values = status?.options.choices?.map((choice) => choice.value) ?? []
  return [
    {
      id: newId(),
      kind: 'change',
      at: at(0.4),
      by: { id: 'u-1', name: '王芳' },
      action: 'updated',
      origin: { kind: 'person' },
      changes: status ? [{ field: status.name, before: values[0], after: values[1] }] : [],
    },
    {
      id: newId(),
      kind: 'task',
      at: at(18.9),
      by: null,
      action: 'created',
      origin: { kind: 'rule', id: 'rule-1', name: 'East leads over 100,000' },
      changes: [],
      text: 'First contact within 24 hours',
    },
    {
      id: newId(),
      kind: 'change',
      at: at(19),
      by: null,
      action: 'updated',
      origin: { kind: 'rule', id: 'rule-1', name: 'East leads over 100,000' },
      changes: [{ field: 'owner_id', before: 'u-1', after: row.owner_id }],
    },
    {
      id: newId(),
      kind: 'change',
      at: row.created_at,
      by: { id: 'u-1', name: '王芳' },
      action: 'created',
      origin: { kind: 'import', id: 'imp-1', name: 'leads-2026.xlsx' },
      changes: [],
    },
  ]
}

function convert(
  object: string,
  id: string,
  body: { values?: Record<string, Record<string, unknown>>; skip?: string[] },
): Reply {
  const row = find(object, id)
  const conversion = definition(object)?.conversion
  if (!row || !conversion) return problem(404, 'not_found', 'There is no such record.')
  const created: Record<string, string> = {}
  for (const target of conversion.creates.filter((one) => !body.skip?.includes(one.object))) {
    const mapped = Object.fromEntries(Object.entries(target.fields).map(([to, from]) => [to, row[from]]))
    const linked = Object.fromEntries(Object.entries(target.references ?? {}).map(([to, from]) => [to, created[from]]))
    const reply = create(target.object, { ...mapped, ...linked, ...body.values?.[target.object] })
    if ((reply.status ?? 200) >= 400) return reply
    created[target.object] = (reply.json as RecordData).id
  }
  update(object, id, {
    ...conversion.set,
    ...Object.fromEntries(Object.entries(conversion.references ?? {}).map(([field, from]) => [field, created[from]])),
  })
  return ok({ created, record: find(object, id) })
}

const versionOf = (ask: Ask) => {
  const header = ask.request.headers['if-match']
  return header ? Number(header.replaceAll('"', '')) : undefined
}

export const recordRoutes: Route[] = [
  ['GET', /^\/api\/customer\/v1\/objects$/, (ask) => page(OBJECTS, ask)],
  ['GET', /^\/api\/customer\/v1\/search$/, search],
  ['POST', new RegExp(`^${RECORDS}/query$`), query],
  [
    'POST',
    new RegExp(`^${RECORDS}/batch$`),
    ({ params: [object = ''], body }) =>
      ok({ results: body.operations.map((one: Operation) => runOperation(object, one)) }),
  ],
  [
    'POST',
    new RegExp(`^${RECORDS}/duplicates$`),
    ({ params: [object = ''], body }) => {
      const phone = body.values.phone
      const items = (rows[object] ?? []).filter((row) => phone && row.phone === phone).slice(0, 3)
      return ok({ items: items.map((row) => ({ id: row.id, title: row.name, matched: ['phone'] })) })
    },
  ],
  [
    'POST',
    new RegExp(`^${RECORDS}/export$`),
    () => ({ text: 'name\n', headers: { 'Content-Disposition': 'attachment; filename="leads.csv"' } }),
  ],
  [
    'GET',
    new RegExp(`^${RECORDS}/([^/]+)/timeline$`),
    (ask) => page(timeline(ask.params[0] ?? '', ask.params[1] ?? ''), ask),
  ],
  [
    'POST',
    new RegExp(`^${RECORDS}/([^/]+)/convert$`),
    ({ params: [object = '', id = ''], body }) => convert(object, id, body),
  ],
  [
    'GET',
    new RegExp(`^${RECORDS}/([^/]+)$`),
    ({ params: [object = '', id = ''] }) => {
      const row = find(object, id)
      return row ? ok(withLabels(object, row)) : problem(404, 'not_found', 'There is no such record.')
    },
  ],
  [
    'PATCH',
    new RegExp(`^${RECORDS}/([^/]+)$`),
    (ask) => update(ask.params[0] ?? '', ask.params[1] ?? '', ask.body, versionOf(ask)),
  ],
  ['DELETE', new RegExp(`^${RECORDS}/([^/]+)$`), ({ params: [object = '', id = ''] }) => remove(object, id)],
  ['POST', new RegExp(`^${RECORDS}$`), ({ params: [object = ''], body }) => create(object, body)],
]
