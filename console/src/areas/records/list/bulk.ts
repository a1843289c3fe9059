/** The same change to many records, in the batches that the server takes. */
import { applyTags } from '@/api/tags'
import { batch, type BatchOperation, type BatchResult } from '@/api/customer'

const MOST = 500

export interface BulkOutcome {
  done: number
  failed: number
  /** The sentence of the first refusal. */
  reason: string
}

export async function runBulk(object: string, operations: BatchOperation[]): Promise<BulkOutcome> {
  const results: BatchResult[] = []
  for (let start = 0; start < operations.length; start += MOST) {
    results.push(...(await batch(object, operations.slice(start, start + MOST))))
  }
  return summarise(results)
}

/** Sets and takes away tags; other tags stay. */
export async function tagMany(object: string, ids: string[], add: string[], remove: string[]): Promise<BulkOutcome> {
  const outcome: BulkOutcome = { done: 0, failed: 0, reason: '' }
  for (let start = 0; start < ids.length; start += MOST) {
    const some = ids.slice(start, start + MOST)
    const { refused } = await applyTags(object, some, add, remove)
    outcome.failed += refused.length
    outcome.done += some.length - refused.length
    outcome.reason ||= refused[0]?.detail ?? ''
  }
  return outcome
}

export function summarise(results: BatchResult[]): BulkOutcome {
  const refused = results.filter((result) => result.status >= 400)
  const problem = refused[0]?.problem
  return {
    done: results.length - refused.length,
    failed: refused.length,
    reason: problem?.errors?.[0]?.detail || problem?.detail || problem?.title || '',
  }
}
