/** Records with their lines, values that fill in others, and conversions that objects declare by key. */
import { queryRecords, type Converted } from './customer'
import { http, newIdempotencyKey } from './http'
import type { ObjectDefinition, RecordData } from './types'

const records = (object: string, rest: string) => `/api/customer/v1/records/${encodeURIComponent(object)}${rest}`
const MOST = 500
const PAGE = 200

export type Values = Record<string, unknown>

export interface WithLines {
  record: RecordData
  lines: Record<string, RecordData[]>
}

/** All lines of a record in their order, with the names of what they link to. */
export async function fetchLines(line: ObjectDefinition, parentId: string): Promise<RecordData[]> {
  const found: RecordData[] = []
  const order = line.line_of?.order
  let cursor: string | undefined
  do {
    const page = await queryRecords(line.name, {
      criteria: { field: line.line_of!.reference, op: 'eq', value: parentId },
      sort: order ? [order] : ['created_at'],
      limit: PAGE,
      cursor,
      expand: ['labels'],
    })
    found.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor && found.length < MOST)
  return found
}

export const saveLines = (object: string, id: string, lines: Record<string, Values[]>, version: number) =>
  http.patch<WithLines>(records(object, `/${id}/lines`), { lines }, { ifMatch: version })

export async function fillValues(object: string, values: Values, parent: Values, changed: string[]): Promise<Values> {
  const answer = await http.post<{ values: Values }>(records(object, '/fill'), { values, parent, changed })
  return answer.values
}

export const convertBy = (object: string, id: string, conversion: string) =>
  http.post<Converted>(
    records(object, `/${id}/convert`),
    { conversion },
    { idempotencyKey: newIdempotencyKey() },
  )
