/** Values of fields, without their look. */

/** Null, an empty text and an empty list are all "no value", as in the criteria language. */
export function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Equality of wire values, good enough to see whether a person has changed something. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (isEmpty(one) && isEmpty(other)) return true
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Names by id that `_labels` holds for a list of references. */
export function namesIn(labels: Record<string, unknown> | undefined, name: string): Record<string, string> {
  const names = labels?.[name]
  return typeof names === 'object' && names !== null ? (names as Record<string, string>) : {}
}

const WIDE = new Set(['long_text', 'address', 'reference_list', 'file', 'image'])

/** Whether the input of a field takes a line of its own. */
export const isWide = (field: { type: string }) => WIDE.has(field.type)

/** A region: `浙江省/杭州市` is shown with quiet separators. */
export function regionText(value: unknown): string {
  return String(value).split('/').filter(Boolean).join(' · ')
}

/** A copy that shares nothing with the original; wire values are plain JSON. */
export function copyOf<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T)
}
