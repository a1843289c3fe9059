import { describe, expect, it } from 'vitest'
import type { ImportBrief } from './api'
import { claimedTwice, isRunning, mappingOf, percentOf, progressOf, stepOf, writtenCriteria } from './stages'

const run = (changes: Partial<ImportBrief>) =>
  ({
    started_by: 'u1',
    started_at: '2026-11-22T08:00:00Z',
    finished_at: '2026-11-22T08:01:00Z',
    summary: { rows: 2, create: 2, update: 0, skip: 0, failed: 0, empty: 0 },
    ...changes,
  }) as ImportBrief

describe('an import', () => {
  it('opens at the step that its state belongs to', () => {
    expect(stepOf('uploaded')).toBe('mapping')
    expect(stepOf('checking')).toBe('check')
    expect(stepOf('failed')).toBe('import')
  })

  it('is never done before its last row', () => {
    expect(percentOf({ done: 4999, total: 5000 })).toBe(99)
    expect(percentOf({ done: 0, total: 0 })).toBe(100)
  })

  it('counts records while it is undone', () => {
    const undoing = run({
      state: 'undoing',
      undo: { deleted: 1, restored: 0, kept: 0 },
      progress: { done: 2, total: 2 },
    })
    expect(isRunning('undoing')).toBe(true)
    expect(progressOf(undoing)).toEqual({ done: 1, total: 2 })
  })

  it('says of every column whether it is imported', () => {
    const columns = [0, 1].map((index) => ({ index, header: '', samples: [], suggestion: null }))
    expect(mappingOf(columns, { 1: 'name' })).toEqual({ 0: null, 1: 'name' })
  })

  it('finds fields that two columns claim, and lets any number of columns be left out', () => {
    expect([...claimedTwice({ 0: 'name', 1: 'name', 2: null, 3: null, 4: 'phone' })]).toEqual(['name'])
  })

  it('leads to what it wrote', () => {
    expect(JSON.stringify(writtenCriteria(run({})))).toContain('"created_at"')
    const updated = run({ summary: { rows: 1, create: 0, update: 1, skip: 0, failed: 0, empty: 0 } })
    expect(JSON.stringify(writtenCriteria(updated))).toContain('"updated_by"')
    expect(writtenCriteria(run({ finished_at: null }))).toBeNull()
  })
})
