/** The organisation as an indented list. */
import type { Department } from '@/api/types'

export interface DepartmentRow extends Department {
  depth: number
}

/** Parents before children, siblings in the order they came; a department whose parent is unknown is a root. */
export function asTree(departments: Department[]): DepartmentRow[] {
  const known = new Set(departments.map((one) => one.id))
  const children = new Map<string | null, Department[]>()
  for (const one of departments) {
    const parent = one.parent_id && known.has(one.parent_id) ? one.parent_id : null
    children.set(parent, [...(children.get(parent) ?? []), one])
  }
  return below(children, null, 0)
}

function below(children: Map<string | null, Department[]>, parent: string | null, depth: number): DepartmentRow[] {
  return (children.get(parent) ?? []).flatMap((one) => [{ ...one, depth }, ...below(children, one.id, depth + 1)])
}
