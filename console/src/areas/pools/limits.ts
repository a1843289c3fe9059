/** How much somebody may still take out of a pool. */
import type { Mine } from './api'

export interface Limit {
  key: 'held' | 'today'
  now: number
  most: number | null
}

/** What he holds and what he has claimed today; nothing while it is not known. */
export function limitsOf(mine: Mine | undefined): Limit[] {
  if (mine?.held === undefined) return []
  return [
    { key: 'held', now: mine.held, most: mine.max_held ?? null },
    { key: 'today', now: mine.claimed_today ?? 0, most: mine.max_claims_per_day ?? null },
  ]
}

export const hasRoom = ({ now, most }: Limit) => most === null || now < most
