/** The detail of an entry as lines: members before and after, or just members. */
export interface DetailLine {
  name: string
  before: string
  after: string
}

type Members = Record<string, unknown>

/** Whether an entry tells a change; other entries tell what was asked for. */
export const isChange = (detail: Members): boolean => 'before' in detail || 'after' in detail

export function linesOf(detail: Members): DetailLine[] {
  const change = isChange(detail)
  const before = change ? ((detail.before ?? {}) as Members) : {}
  const after = change ? ((detail.after ?? {}) as Members) : detail
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.map((name) => ({ name, before: shown(before[name]), after: shown(after[name]) }))
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return '—'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
