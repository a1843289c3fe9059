/** The criteria grammar of docs/architecture.md section 6, as types. */

export type ClauseOp =
  | 'is_set'
  | 'is_empty'
  | 'eq'
  | 'ne'
  | 'in'
  | 'not_in'
  | 'contains'
  | 'not_contains'
  | 'starts_with'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'between'
  | 'older_than'
  | 'within_last'
  | 'within_next'
  | 'on'
  | 'has'
  | 'has_any'
  | 'has_all'
  | 'has_none'
  | 'under'
  | 'changed'
  | 'changed_to'
  | 'changed_from'

export interface Clause {
  field: string
  op: ClauseOp
  value?: unknown
}

export type Quantifier = 'some' | 'none' | 'at_least'

/** The records of another object that refer to this one: `<object>.<reference>`. */
export interface Related {
  related: string
  op: Quantifier
  /** Of `at_least`. */
  value?: number
  where?: Criteria
}

export type Criteria = { all: Criteria[] } | { any: Criteria[] } | { not: Criteria } | Related | Clause
