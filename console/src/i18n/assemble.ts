/** Puts the locale files of one language together under their namespaces. */

export interface Messages {
  [key: string]: Messages | string
}

type Files = Record<string, { default: Messages }>

const nameOf = (path: string) => path.split('/').pop()?.replace('.json', '') ?? path
const areaOf = (path: string) => path.split('/').at(-3) ?? path

export function assemble(shared: Files, areas: Files): Messages {
  const messages: Messages = {}
  for (const [path, file] of Object.entries(shared)) messages[nameOf(path)] = file.default
  for (const [path, file] of Object.entries(areas)) messages[areaOf(path)] = file.default
  return messages
}
