/** What the mapping of each kind of analysis consists of: which objects, which of their fields, of which types. */
import type { FieldDefinition } from '@/api/types'
import type { Kind, Mapping } from './api'

export interface Slot {
  name: string
  /** An object, or a field of the object in another slot, or the choices of a field. */
  of: 'object' | { object: string } | { choicesOf: string }
  types?: string[]
  /** Fields behind references may be named too. */
  far?: boolean
  many?: boolean
  optional?: boolean
}

const NUMBERS = ['money', 'integer', 'decimal', 'percent']
const TIMES = ['date', 'datetime']
const MOMENT: Slot = { name: 'date', of: { object: 'object' }, types: TIMES }
const AMOUNT: Slot = { name: 'amount', of: { object: 'object' }, types: NUMBERS, optional: true }
const OBJECT: Slot = { name: 'object', of: 'object' }

export const SLOTS: Record<Kind, Slot[]> = {
  value: [
    OBJECT,
    { name: 'orders', of: 'object' },
    { name: 'customer', of: { object: 'orders' }, types: ['reference'] },
    { ...MOMENT, of: { object: 'orders' } },
    { ...AMOUNT, of: { object: 'orders' } },
  ],
  win: [
    OBJECT,
    { name: 'stage', of: { object: 'object' }, types: ['choice'] },
    { name: 'won', of: { choicesOf: 'stage' }, many: true },
    { name: 'lost', of: { choicesOf: 'stage' }, many: true },
    MOMENT,
    AMOUNT,
    {
      name: 'fields',
      of: { object: 'object' },
      types: ['choice', 'boolean', 'user', 'department', ...NUMBERS],
      far: true,
      many: true,
    },
  ],
  forecast: [OBJECT, MOMENT, AMOUNT],
  basket: [
    OBJECT,
    { name: 'basket', of: { object: 'object' }, types: ['reference'] },
    { name: 'item', of: { object: 'object' }, types: ['reference', 'choice'] },
  ],
}

/** How many months ahead are told, where a kind has that. */
export const MONTHS: Partial<Record<Kind, { usual: number; most: number }>> = {
  value: { usual: 12, most: 60 },
  forecast: { usual: 6, most: 12 },
}
/** Which object the criteria are about. */
export const CRITERIA_OF: Record<Kind, string> = {
  value: 'orders',
  win: 'object',
  forecast: 'object',
  basket: 'object',
}

const blank = (slot: Slot) => (slot.many ? [] : slot.optional ? null : '')

export function emptyMapping(kind: Kind): Mapping {
  const mapping = Object.fromEntries(SLOTS[kind].map((slot) => [slot.name, blank(slot)])) as unknown as Mapping
  const months = MONTHS[kind]
  return { ...mapping, criteria: null, ...(months ? { months: months.usual } : {}) }
}

/** Another choice in a slot empties the slots that hang on it. */
export function chosen(kind: Kind, mapping: Mapping, name: string, value: unknown): Mapping {
  const next: Mapping = { ...mapping, [name]: value ?? null }
  for (const slot of SLOTS[kind]) {
    const on = typeof slot.of === 'string' ? null : 'object' in slot.of ? slot.of.object : slot.of.choicesOf
    if (on === name && next[slot.name] !== blank(slot)) Object.assign(next, chosen(kind, next, slot.name, blank(slot)))
  }
  if (name === CRITERIA_OF[kind]) next.criteria = null
  return next
}

export const isWhole = (kind: Kind, mapping: Mapping) =>
  SLOTS[kind].every((slot) => {
    const value = mapping[slot.name]
    return slot.optional || (Array.isArray(value) ? value.length > 0 : Boolean(value))
  })

/** The fields that fit into a slot; a customer is a reference to the object that is scored. */
export const fitting = (slot: Slot, mapping: Mapping, fields: FieldDefinition[]) =>
  fields.filter(
    (field) =>
      (slot.types ?? []).includes(field.type) &&
      (slot.name !== 'customer' || !mapping.object || field.options.object === mapping.object),
  )
