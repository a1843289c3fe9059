/** Numbers of an axis where the language's own tables (Intl) are not at hand. */
const STEPS: Record<string, [number, string][]> = {
  zh: [
    [1e12, '万亿'],
    [1e8, '亿'],
    [1e4, '万'],
  ],
  en: [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'K'],
  ],
}

/** At most one decimal place, as browsers write compact numbers. */
export function compact(value: number, locale: string): string {
  const steps = STEPS[locale.startsWith('zh') ? 'zh' : 'en'] as [number, string][]
  const size = Math.abs(value)
  const at = steps.findIndex(([from]) => size >= from)
  if (at === -1) return rounded(value)
  const [unit, sign] = steps[at] as [number, string]
  const above = steps[at - 1]
  // 999,990 is 1M, not 1000K
  if (above && Math.round((size / unit) * 10) / 10 >= above[0] / unit) return rounded(value / above[0]) + above[1]
  return rounded(value / unit) + sign
}

const rounded = (value: number) => String(Math.round(value * 10) / 10)
