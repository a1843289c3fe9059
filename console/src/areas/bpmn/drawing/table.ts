/** A decision table in a file: the first row whose condition holds gives a variable its value. */
import { extensionOf, setExtension } from './parts'
import type { Part, Shape, Viewer } from './types'

export interface Row {
  /** Criteria over the record as JSON, a formula, or neither: always. */
  when?: string
  if?: string
  value: string
}

export interface Table {
  variable: string
  result: string
  rows: Row[]
}

export function tableOf(part: Part): Table {
  const found = extensionOf(part, 'Table')
  const rows: Part[] = found?.rows ?? []
  return {
    variable: found?.variable ?? '',
    result: found?.result ?? 'text',
    rows: rows.map((row) => ({
      ...(row.when !== undefined && { when: row.when }),
      ...(row.if !== undefined && { if: row.if }),
      value: row.value ?? '',
    })),
  }
}

export function setTable(viewer: Viewer, shape: Shape, { rows, ...table }: Table): void {
  const made = rows.map((row) => viewer.get('moddle').create('freehold:Row', { ...row }))
  setExtension(viewer, shape, 'Table', { ...table, rows: made })
}
