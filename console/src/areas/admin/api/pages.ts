/** Lists of administration are short: they are read whole, page by page, up to a bound. */
import { http, type Query } from '@/api/http'
import type { Page } from '@/api/types'

const PAGE = 200
const MOST_PAGES = 10

export async function fetchWhole<T>(path: string, query: Query = {}): Promise<T[]> {
  const found: T[] = []
  let cursor: string | null = null
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer: Page<T> = await http.get<Page<T>>(path, { query: { ...query, limit: PAGE, cursor } })
    found.push(...answer.items)
    cursor = answer.next_cursor
    if (!cursor) break
  }
  return found
}

/** The members of a draft that differ from what stands; what a PATCH should say. */
export function changedOnly<T extends object>(draft: T, stands: object): Partial<T> {
  const known = stands as Record<string, unknown>
  const differing = Object.entries(draft).filter(([name, value]) => !same(known[name], value))
  return Object.fromEntries(differing) as Partial<T>
}

const same = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null)
