/** The same change to many records, in the batches that the server takes. */
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

export function summarise(results: BatchResult[]): BulkOutcome {
  const refused = results.filter((result) => result.status >= 400)
  const problem = refused[0]?.problem
  return {
    done: results.length - refused.length,
    failed: refused.length,
    reason: problem?.errors?.[0]?.detail || problem?.detail || problem?.title || '',
  }
}
