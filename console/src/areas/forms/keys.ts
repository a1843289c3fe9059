/** Keys of new forms: from their English name, free among those that there are. */
import type { Text } from '@/api/types'

export function freeKey(label: Text, taken: string[]): string {
  const words = (label.en ?? '').toLowerCase().match(/[a-z0-9]+/g) ?? []
  const base = /^[a-z]/.test(words[0] ?? '') ? words.join('_').slice(0, 34).replace(/_$/, '') : 'form'
  const used = new Set([...taken, 'standard', 'new'])
  if (!used.has(base)) return base
  let number = 2
  while (used.has(`${base}_${number}`)) number += 1
  return `${base}_${number}`
}
