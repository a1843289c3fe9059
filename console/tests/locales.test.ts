/** Both languages say the same things, every key that the code asks for exists, and no page speaks past them. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Messages } from '@/i18n/assemble'
import en from '@/i18n/messages.en'
import zhCN from '@/i18n/messages.zh-CN'

function flatten(tree: Messages, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix ? `${prefix}.${key}` : key
    if (typeof value === 'string') found.set(path, value)
    else for (const [inner, text] of flatten(value, path)) found.set(inner, text)
  }
  return found
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return sources(path)
    return /\.(vue|ts)$/.test(name) ? [path] : []
  })
}

const english = flatten(en)
const chinese = flatten(zhCN)
const files = sources('src').map((path) => ({ path, text: readFileSync(path, 'utf8') }))

const templateOf = (text: string) => /<template>([\s\S]*)<\/template>/.exec(text)?.[1] ?? ''
const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1]))].sort()

describe('locales', () => {
  it('have the same keys in both languages', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it('have the same placeholders in both languages', () => {
    const without = (key: string) => placeholders(english.get(key) ?? '').filter((one) => one !== 'count')
    const differing = [...english.keys()].filter(
      (key) => String(without(key)) !== String(placeholders(chinese.get(key) ?? '').filter((one) => one !== 'count')),
    )
    expect(differing).toEqual([])
  })

  it('hold Chinese in the Chinese files and none in the English ones', () => {
    expect([...english].filter(([, text]) => /\p{Script=Han}/u.test(text)).map(([key]) => key)).toEqual([])
  })

  it('know every key that is written in the code', () => {
    const asked = files.flatMap(({ path, text }) =>
      [...text.matchAll(/\bt\(\s*'([\w-]+(?:\.[\w-]+)+)'/g)].map((one) => ({ path, key: one[1] as string })),
    )
    expect(asked.filter(({ key }) => !english.has(key))).toEqual([])
  })

  it('are the only place of words that people read', () => {
    const raw = files
      .filter(({ path }) => path.endsWith('.vue'))
      .flatMap(({ path, text }) =>
        [
          ...templateOf(text)
            .replace(/<!--[\s\S]*?-->/g, '')
            .replace(/\{\{[\s\S]*?\}\}/g, '')
            .matchAll(/>([^<>]*)</g),
        ]
          .map((one) => (one[1] as string).trim())
          .filter((words) => /\p{L}{2,}/u.test(words) && !ALLOWED.has(words) && !/[="]/.test(words))
          .map((words) => ({ path, words })),
      )
    expect(raw).toEqual([])
  })
})

/** Names that are the same everywhere. */
const ALLOWED = new Set(['Freehold', 'esc'])
