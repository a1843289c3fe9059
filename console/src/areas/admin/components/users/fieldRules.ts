/** Field rules for one person while they are edited: a line for each, of which unfinished ones say nothing yet. */
import type { Access } from '../../api/roles'
import type { FieldRules } from '../../api/users'

export interface FieldRule {
  object: string
  field: string
  access: Access
}

export const flat = (rules: FieldRules): FieldRule[] =>
  Object.entries(rules).flatMap(([object, fields]) =>
    Object.entries(fields).map(([field, access]) => ({ object, field, access })),
  )

export function nested(rules: FieldRule[]): FieldRules {
  const found: FieldRules = {}
  for (const { object, field, access } of rules) {
    if (object && field) found[object] = { ...found[object], [field]: access }
  }
  return found
}
