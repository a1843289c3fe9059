/** What conditions are judged against besides the record: the moment and the person. */
import type { Scope } from '@/criteria/evaluate'
import { usePeople } from '@/stores/people'
import { useSession } from '@/stores/session'

export function useScope(): () => Scope {
  const session = useSession()
  const people = usePeople()
  return () => ({
    now: Date.now(),
    timezone: session.timezone,
    userId: session.me?.id ?? null,
    departmentId: session.me?.department?.id ?? null,
    below: (top) => below(top, people.departments),
  })
}

function below(top: string, departments: { id: string; parent_id: string | null }[]): string[] {
  const children = departments.filter((one) => one.parent_id === top)
  return children.flatMap((one) => [one.id, ...below(one.id, departments)])
}
