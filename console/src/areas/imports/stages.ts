/** Where an import stands, and what the four steps of the page show of it. */
import type { Criteria } from '@/criteria/model'
import type { ImportBrief, ImportState, Mapping, Column } from './api'

export const STEPS = ['upload', 'mapping', 'check', 'import'] as const
export type Step = (typeof STEPS)[number]

type Tone = 'neutral' | 'success' | 'danger' | 'warn' | 'info' | 'primary'

export const TONES: Record<ImportState, Tone> = {
  uploaded: 'neutral',
  checking: 'info',
  checked: 'primary',
  importing: 'info',
  finished: 'success',
  failed: 'danger',
  cancelled: 'neutral',
  undoing: 'info',
  undone: 'warn',
}

/** Whether the server is at work on it and its progress is worth asking for. */
export const isRunning = (state: ImportState) => state === 'checking' || state === 'importing' || state === 'undoing'

/** Whether it may still be configured, checked and started. */
export const isReady = (state: ImportState) => state === 'uploaded' || state === 'checked'

export function stepOf(state: ImportState): Step {
  if (state === 'uploaded') return 'mapping'
  return state === 'checking' || state === 'checked' ? 'check' : 'import'
}

/** The share that is done, in whole percent; a sheet without rows is done at once. */
export function percentOf({ done, total }: ImportBrief['progress']): number {
  return total ? Math.min(100, Math.floor((done / total) * 100)) : 100
}

/** How far the server has come: rows of the sheet, or records of the import that is being undone. */
export function progressOf(run: ImportBrief): ImportBrief['progress'] {
  if (run.state !== 'undoing') return run.progress
  const { deleted = 0, restored = 0, kept = 0 } = run.undo ?? {}
  return { done: deleted + restored + kept, total: (run.summary?.create ?? 0) + (run.summary?.update ?? 0) }
}

/** A target for each column: what was chosen for it, or null where it is not imported. */
export function mappingOf(columns: Column[], chosen: Record<string, string>): Mapping {
  return Object.fromEntries(columns.map(({ index }) => [String(index), chosen[index] ?? null]))
}

/** The fields that more than one column claims. */
export function claimedTwice(mapping: Mapping): Set<string> {
  const targets = Object.values(mapping).filter((target) => target !== null)
  return new Set(targets.filter((target, index) => targets.indexOf(target) !== index))
}

/** A list of what the import wrote: made or changed by the person in the time that it ran. */
export function writtenCriteria(run: ImportBrief): Criteria | null {
  if (!run.started_at || !run.finished_at) return null
  const [when, who] = run.summary?.update ? ['updated_at', 'updated_by'] : ['created_at', 'created_by']
  const span: Criteria[] = [
    { field: when, op: 'gte', value: run.started_at },
    { field: when, op: 'lte', value: run.finished_at },
  ]
  return { all: run.started_by ? [{ field: who, op: 'eq', value: run.started_by }, ...span] : span }
}
