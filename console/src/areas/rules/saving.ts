/**
 * Saving a rule. What is missing is told before anything is sent; a rule that somebody else saved meanwhile is fetched,
 * so that the person chooses with both versions in view; one that is gone can be created anew.
 */
import { ref } from 'vue'
import type { Fault } from '@/api/faults'
import { isProblem } from '@/api/problem'
import { useNotices } from '@/stores/notices'
import { changeRule, createRule, fetchRule, fetchVersions, type Rule, type RuleBody, type RuleVersion } from './api'

/** What stands in the way: the version of somebody else, or that there is no rule any more. */
export type Conflict = { rule: Rule; latest: RuleVersion | undefined } | 'gone'

export function useSaving() {
  const busy = ref(false)
  const faults = ref<Fault[]>([])
  const conflict = ref<Conflict | null>(null)

  /** Creates the rule, or changes the version that `over` is; undefined when it was refused. */
  async function save(body: RuleBody, over: Rule | null): Promise<Rule | undefined> {
    busy.value = true
    faults.value = []
    conflict.value = null
    try {
      return over ? await changeRule(over, body) : await createRule(body)
    } catch (problem) {
      await refuse(problem, over)
      return undefined
    } finally {
      busy.value = false
    }
  }

  async function refuse(problem: unknown, over: Rule | null): Promise<void> {
    if (over && isProblem(problem, 404)) conflict.value = 'gone'
    else if (over && isProblem(problem, 412)) await compare(over)
    else if (isProblem(problem) && problem.fields.length) faults.value = problem.fields
    else useNotices().failure(problem)
  }

  async function compare({ id }: Rule): Promise<void> {
    try {
      const [rule, versions] = await Promise.all([fetchRule(id), fetchVersions(id)])
      conflict.value = { rule, latest: versions.items[0] }
    } catch (problem) {
      if (isProblem(problem, 404)) conflict.value = 'gone'
      else useNotices().failure(problem)
    }
  }

  return { busy, faults, conflict, save }
}
