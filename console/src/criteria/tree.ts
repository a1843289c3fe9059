/**
 * Criteria as the builder edits them: groups of clauses and groups. What the builder cannot show (a `not`) is carried
 * along untouched.
 */
import type { Clause, Criteria, Quantifier, Related } from './model'
import { isComplete } from './operators'

export type Join = 'all' | 'any'

export interface Group {
  join: Join
  items: Node[]
}

export interface Opaque {
  kept: Criteria
}

/** A group of conditions over the records that refer to this one. */
export interface RelatedGroup {
  related: string
  op: Quantifier
  value?: number
  where: Group
}

export type Node = Clause | Group | RelatedGroup | Opaque

export const isGroup = (node: Node): node is Group => 'join' in node
export const isOpaque = (node: Node): node is Opaque => 'kept' in node
export const isRelated = (node: Node): node is RelatedGroup => 'related' in node
export const isClause = (node: Node): node is Clause => 'field' in node

export const emptyGroup = (join: Join = 'all'): Group => ({ join, items: [] })

/** Criteria of the wire → tree; a lone clause becomes a group of one. */
export function toTree(criteria: Criteria | null | undefined): Group {
  if (!criteria) return emptyGroup()
  const node = toNode(criteria)
  return isGroup(node) ? node : { join: 'all', items: [node] }
}

function toNode(criteria: Criteria): Node {
  if ('all' in criteria) return { join: 'all', items: criteria.all.map(toNode) }
  if ('any' in criteria) return { join: 'any', items: criteria.any.map(toNode) }
  if ('not' in criteria) return { kept: criteria }
  if ('related' in criteria) return { ...criteria, where: toTree(criteria.where) }
  return { ...criteria }
}

/** Tree → criteria of the wire, without unfinished clauses and empty groups; null when nothing is left. */
export function toCriteria(group: Group): Criteria | null {
  const parts = group.items.map(toPart).filter((part): part is Criteria => part !== null)
  if (parts.length === 0) return null
  return group.join === 'all' ? { all: parts } : { any: parts }
}

function toPart(node: Node): Criteria | null {
  if (isGroup(node)) return toCriteria(node)
  if (isOpaque(node)) return node.kept
  if (isRelated(node)) return toRelated(node)
  if (!isComplete(node)) return null
  const { field, op, value } = node
  return value === undefined ? { field, op } : { field, op, value }
}

function toRelated(node: RelatedGroup): Related | null {
  if (!isCounted(node)) return null
  const where = toCriteria(node.where)
  const count = node.op === 'at_least' ? { value: node.value } : {}
  return { related: node.related, op: node.op, ...count, ...(where ? { where } : {}) }
}

/** Whether it says what it counts, and how many there must be. */
function isCounted({ related, op, value }: RelatedGroup): boolean {
  return related !== '' && (op !== 'at_least' || (value !== undefined && value >= 1 && value <= 1000))
}

export function countClauses(criteria: Criteria | null | undefined): number {
  if (!criteria) return 0
  if ('all' in criteria) return sum(criteria.all)
  if ('any' in criteria) return sum(criteria.any)
  if ('related' in criteria) return 1 + countClauses(criteria.where)
  return 'not' in criteria ? countClauses(criteria.not) : 1
}

const sum = (parts: Criteria[]) => parts.reduce((total, part) => total + countClauses(part), 0)

/** Reads criteria out of an address; anything that is not of the grammar counts as none. */
export function parseCriteria(text: unknown): Criteria | null {
  if (typeof text !== 'string' || !text) return null
  try {
    const value: unknown = JSON.parse(text)
    return isCriteria(value) ? value : null
  } catch {
    return null
  }
}

function isCriteria(value: unknown): value is Criteria {
  if (typeof value !== 'object' || value === null) return false
  if ('all' in value) return Array.isArray(value.all) && value.all.every(isCriteria)
  if ('any' in value) return Array.isArray(value.any) && value.any.every(isCriteria)
  if ('not' in value) return isCriteria(value.not)
  if ('related' in value)
    return typeof value.related === 'string' && 'op' in value && (!('where' in value) || isCriteria(value.where))
  return 'field' in value && 'op' in value && typeof value.field === 'string' && typeof value.op === 'string'
}

/** Both conditions; either may be missing. */
export function both(one: Criteria | null, other: Criteria | null): Criteria | null {
  if (!one || !other) return one ?? other
  return { all: [one, other] }
}

/** Where the tree says too little to be asked, as JSON pointers; `toCriteria` leaves exactly these places out. */
export function unfinishedPlaces(group: Group, place = ''): string[] {
  if (!group.items.length) return place ? [place] : []
  return group.items.flatMap((item, index) => {
    const here = `${place}/${group.join}/${index}`
    if (isGroup(item)) return unfinishedPlaces(item, here)
    if (isRelated(item)) return unfinishedRelated(item, here)
    return isOpaque(item) || isComplete(item) ? [] : [here]
  })
}

function unfinishedRelated(node: RelatedGroup, here: string): string[] {
  if (!isCounted(node)) return [here]
  return node.where.items.length ? unfinishedPlaces(node.where, `${here}/where`) : []
}
