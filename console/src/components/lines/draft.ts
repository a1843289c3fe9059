/** Lines while somebody edits them: what changed, what is sent, where a refusal belongs. */
import type { FieldDefinition, ObjectDefinition, RecordData } from '@/api/types'
import type { Values } from '@/api/lines'

export interface LineDraft {
  /** Stays the same while the row moves. */
  key: number
  id?: string
  values: Values
  labels: Record<string, string>
  errors: Record<string, string>
}

let keys = 0

export const draftOf = (line: RecordData): LineDraft => ({
  key: ++keys,
  id: line.id,
  values: { ...line },
  labels: { ...line._labels },
  errors: {},
})

/** A new line with the defaults of its object. */
export function newDraft(fields: FieldDefinition[]): LineDraft {
  const given = fields.filter((field) => field.default !== null && field.default !== undefined)
  return {
    key: ++keys,
    values: Object.fromEntries(given.map((field) => [field.name, field.default])),
    labels: {},
    errors: {},
  }
}

/** The columns of a grid: what the object lists, without the parent and the place in the order. */
export function columnsOf(line: ObjectDefinition): FieldDefinition[] {
  const hidden = new Set([line.line_of?.reference, line.line_of?.order, 'owner_id', 'created_at'])
  return line.list_fields
    .filter((name) => !hidden.has(name))
    .flatMap((name) => line.fields.find((field) => field.name === name) ?? [])
    .filter((field) => field.access !== 'none')
}

export const isEditable = (field: FieldDefinition) =>
  !field.calculated && field.access !== 'read' && field.type !== 'auto_number'

/** What is sent: every editable value of the row; of a line that stays, its id. */
export function sentOf(row: LineDraft, columns: FieldDefinition[]): Values {
  const values = columns
    .filter(isEditable)
    .map((field) => [field.name, row.values[field.name] ?? null] as const)
    .filter(([, value]) => row.id || value !== null)
  return { ...(row.id ? { id: row.id } : {}), ...Object.fromEntries(values) }
}

/** A line that nobody has begun. */
export const isBlank = (row: LineDraft, columns: FieldDefinition[]) =>
  !row.id &&
  columns
    .filter((field) => isEditable(field) && (field.default === null || field.default === undefined))
    .every((field) => row.values[field.name] === undefined || row.values[field.name] === null)

/** Puts the sentences of a refusal into their rows; returns those that belong to none. */
export function placeErrors(
  rows: LineDraft[],
  object: string,
  errors: { pointer: string; detail: string }[],
): string[] {
  rows.forEach((row) => (row.errors = {}))
  return errors.flatMap(({ pointer, detail }) => {
    const [, place, name] = pointer.match(new RegExp(`^/lines/${object}/(\\d+)/([^/]+)`)) ?? []
    const row = place === undefined ? undefined : rows[Number(place)]
    if (!row || !name) return [detail]
    row.errors[name] = detail
    return []
  })
}

/** The own fields on which some fill depends. */
export function fillingFields(line: ObjectDefinition): Set<string> {
  const paths = (line.fills ?? []).flatMap((fill) =>
    fill.reference ? [fill.reference] : [...Object.values(fill.match ?? {}), fill.tier?.by, fill.valid?.at],
  )
  return new Set(paths.filter((path): path is string => Boolean(path) && !path!.includes('.')))
}
