/** What somebody who hands over wants: for each object people, a pool, or nothing. */
import type { Step } from './api'

export interface Choice {
  how: 'keep' | 'people' | 'pool'
  people: string[]
  pool: string | null
}

export const noChoice = (): Choice => ({ how: 'people', people: [], pool: null })

/** The step of one object; none when nobody was chosen. */
export function stepOf(object: string, choice: Choice | undefined): Step[] {
  if (choice?.how === 'people' && choice.people.length) return [{ object, people: choice.people }]
  if (choice?.how === 'pool' && choice.pool) return [{ object, pool_id: choice.pool }]
  return []
}
