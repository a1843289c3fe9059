/** Avatars: initials of a name in any script, and a colour that stays with the person. */

const HAN = /\p{Script=Han}/u

/** Two letters for `Wang Fang`, the last character of a Chinese name, the first of anything longer. */
export function initialsOf(name: string): string {
  const clean = name.trim()
  if (!clean) return '?'
  if (HAN.test(clean)) {
    const characters = [...clean].filter((one) => HAN.test(one))
    return (characters.length > 3 ? characters.slice(0, 1) : characters.slice(-1)).join('')
  }
  const words = clean.split(/[\s._-]+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]]
  return letters.map((word) => [...(word as string)][0]?.toUpperCase() ?? '').join('')
}

/** A hue between 0 and 359 that depends on the text alone (FNV-1a with a final mix). */
export function hueOf(text: string): number {
  let hash = 2_166_136_261
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0
  hash = Math.imul(hash ^ (hash >>> 15), 739_982_445) >>> 0
  return ((hash ^ (hash >>> 12)) >>> 0) % 360
}
