/**
 * What the server says about conditions over related records, while somebody types. Such a condition depends on one
 * member of the record alone (its reference, or the record itself), so it is asked again only when that changes. Until
 * the answer is there the latest one counts; what is saved is judged by the server in any case.
 */
import { reactive, ref } from 'vue'
import { judgeRecords } from '@/api/customer'
import { holdsWithout, memberOf, type Asked } from '@/criteria/evaluate'
import type { Values } from './model'

interface Question {
  condition: Asked
  record: Values
}

export function useAnswers(object: () => string) {
  const known = reactive(new Map<string, boolean>())
  const latest = new Map<string, boolean>()
  const failed = ref(false)
  let waiting = new Map<string, Question>()
  let asking: Promise<void> | undefined

  function answer(condition: Asked, record: Values): boolean {
    const member = memberOf(condition)
    const value = record[member]
    if (typeof value !== 'string' || !value) return holdsWithout(condition)
    const text = JSON.stringify(condition)
    const key = JSON.stringify([object(), text, value, record.version ?? null])
    const found = known.get(key)
    if (found !== undefined) return found
    waiting.set(key, { condition, record: { [member]: value } })
    asking ??= Promise.resolve().then(askAll)
    return latest.get(text) ?? holdsWithout(condition)
  }

  async function askAll(): Promise<void> {
    while (waiting.size) {
      const questions = waiting
      waiting = new Map()
      await ask(questions)
    }
    asking = undefined
  }

  async function ask(questions: Map<string, Question>): Promise<void> {
    const conditions = distinct([...questions.values()].map(({ condition }) => condition))
    const records = distinct([...questions.values()].map(({ record }) => record))
    let holds: boolean[][] = []
    try {
      holds = await judgeRecords(object(), [...conditions.values()], [...records.values()])
      failed.value = false
    } catch {
      failed.value = true
    }
    const columns = [...conditions.keys()]
    const rows = [...records.keys()]
    for (const [key, { condition, record }] of questions) {
      const row = holds[rows.indexOf(JSON.stringify(record))]
      const found = row?.[columns.indexOf(JSON.stringify(condition))] ?? holdsWithout(condition)
      latest.set(JSON.stringify(condition), found)
      known.set(key, found)
    }
  }

  /** Resolves when nothing is being asked. */
  async function settled(): Promise<void> {
    while (asking) await asking
  }

  /** What was answered may have changed: everything is asked anew. */
  function forget(): void {
    known.clear()
    failed.value = false
  }

  return { answer, settled, forget, failed }
}

const distinct = <T>(values: T[]) => new Map(values.map((value) => [JSON.stringify(value), value]))
