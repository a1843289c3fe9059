/** The numbers below a list; they come on their own, and the list never waits for them. */
import { ref, shallowRef, watch, type Ref } from 'vue'
import type { Money } from '@/api/types'
import type { Criteria } from '@/criteria/model'
import { fetchTotals, type TotalFunction, type TotalGroup, type TotalLine, type Totals } from './api'

export type ShownTotal = TotalLine & Partial<TotalGroup['totals'][number]>

/** Amounts of one currency or several, and what they are together where that is known: `¥10.00 + $3.00 ≈ ¥31.60`. */
export function moneyTotal(line: Partial<TotalGroup['totals'][number]>, say: (money: Money) => string): string {
  const amounts = (line.value as Money[]).map(say).join(line.function === 'sum' ? ' + ' : ' · ')
  const { base } = line
  return base?.amount ? `${amounts} ≈ ${say({ amount: base.amount, currency: base.currency })}` : amounts
}

export function useTotals(
  object: string,
  query: Ref<{ criteria: Criteria | null; q: string }>,
  lines: () => TotalLine[],
) {
  const found = shallowRef<TotalGroup['totals']>([])
  const sure = ref<Totals['is'] | null>(null)
  let turn = 0

  async function load(): Promise<void> {
    const mine = ++turn
    sure.value = null
    if (!lines().length) return
    const { criteria, q } = query.value
    const answer = await fetchTotals(object, { criteria, q, totals: lines() }).catch(() => null)
    if (mine !== turn) return
    found.value = answer?.groups[0]?.totals ?? []
    sure.value = answer?.is ?? 'unknown'
  }

  function of(field: string): ShownTotal | undefined {
    const line = lines().find((one) => one.field === field)
    if (!line) return undefined
    return found.value.find((one) => one.field === field && one.function === line.function) ?? line
  }

  const withFunction = (field: string, chosen: TotalFunction): TotalLine[] =>
    lines().map((line) => (line.field === field ? { field, function: chosen } : line))

  watch([query, () => JSON.stringify(lines())], load, { immediate: true })
  return { sure, of, withFunction, reload: load }
}
