/** A field while it is written, and what of it is sent. */
import type { Text } from '@/api/types'
import type { DefinedField, DefinedOptions, DefinedType, FieldBody } from './api'
import { tidyMatch, tidyPeriod } from './matching'
import { firstOptions, infoOf } from './types'

export interface FieldDraft {
  name: string
  type: DefinedType
  label: Text
  help: Text
  message: Text
  required: boolean
  unique: boolean
  indexed: boolean
  personal: boolean | null
  default: unknown
  options: DefinedOptions
}

export const newDraft = (type: DefinedType): FieldDraft => ({
  name: '',
  type,
  label: {},
  help: {},
  message: {},
  required: false,
  unique: false,
  indexed: false,
  personal: null,
  default: null,
  options: firstOptions(type),
})

export const draftOf = (field: DefinedField): FieldDraft =>
  JSON.parse(
    JSON.stringify({
      ...newDraft(field.type),
      name: field.name,
      label: field.label,
      help: field.help ?? {},
      message: field.message ?? {},
      required: field.required,
      unique: field.unique,
      indexed: field.indexed ?? false,
      personal: field.personal ?? null,
      default: field.default ?? null,
      options: field.options,
    }),
  ) as FieldDraft

const PERSONAL = new Set<DefinedType>(['phone', 'email', 'address', 'url', 'file', 'image', 'long_text'])

/** Whether an erasure empties a field that says nothing of its own. */
export const isPersonalByType = (type: DefinedType, isTitle: boolean) =>
  PERSONAL.has(type) || (isTitle && type === 'text')

/** Words without the languages in which nothing was written. */
export function tidy(words: Text): Text {
  const said = Object.entries(words).map(([locale, text]) => [locale, text.trim()])
  return Object.fromEntries(said.filter(([, text]) => text)) as Text
}

/** Options without what was left empty. */
export function tidyOptions(options: DefinedOptions): DefinedOptions {
  const kept = Object.entries(options).filter(([, value]) => value !== null && value !== undefined && value !== '')
  const tidied = tidyMatching(Object.fromEntries(kept) as DefinedOptions)
  if (!tidied.choices) return tidied
  const choices = tidied.choices.map((one) => ({ ...one, value: one.value.trim(), label: tidy(one.label) }))
  return { ...tidied, choices }
}

function tidyMatching(options: DefinedOptions): DefinedOptions {
  if (!options.match && !options.period) return options
  const { match, period, ...rest } = options
  const [pairs, days] = [tidyMatch(match), tidyPeriod(period)]
  return { ...rest, ...(pairs ? { match: pairs } : {}), ...(days ? { period: days } : {}) }
}

/** The whole field as the server takes a new one. */
export function bodyOf(draft: FieldDraft): FieldBody {
  const info = infoOf(draft.type)
  const unique = Boolean(info.unique) && draft.unique
  return {
    name: draft.name.trim() || null,
    type: draft.type,
    label: tidy(draft.label),
    help: tidy(draft.help),
    message: tidy(draft.message),
    required: info.given && draft.required,
    unique,
    indexed: draft.indexed,
    personal: info.given ? draft.personal : null,
    default: info.default && !unique && draft.default !== '' ? draft.default : null,
    options: tidyOptions(draft.options),
  }
}

/** Only what differs from the field as it stands. */
export function changesOf(draft: FieldDraft, field: DefinedField): FieldBody {
  const { name: _name, type: _type, ...now } = bodyOf(draft)
  const { name: _was, type: _of, ...before } = bodyOf(draftOf(field))
  const changed = Object.entries(now).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof typeof before]),
  )
  return Object.fromEntries(changed) as FieldBody
}

/** A list with one entry moved; the same list when it would fall off an end. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list]
  if (to < 0 || to >= next.length || from === to) return next
  const [one] = next.splice(from, 1)
  next.splice(to, 0, one as T)
  return next
}
