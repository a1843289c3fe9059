/** The nouns of docs/reference/api.md that the whole console speaks. */

import type { Criteria } from '@/criteria/model'

export type Locale = 'en' | 'zh-CN'
export type Text = Partial<Record<Locale, string>>

export interface Page<T> {
  items: T[]
  next_cursor: string | null
  total?: number
  total_is?: 'exact' | 'at_least' | 'estimate'
}

export interface Money {
  amount: string
  currency: string
}

export type FieldType =
  | 'text'
  | 'long_text'
  | 'integer'
  | 'decimal'
  | 'money'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'boolean'
  | 'choice'
  | 'multi_choice'
  | 'phone'
  | 'email'
  | 'url'
  | 'region'
  | 'user'
  | 'department'
  | 'reference'
  | 'reference_list'
  | 'address'
  | 'file'
  | 'image'
  | 'auto_number'

export interface Address {
  country?: string
  province?: string
  city?: string
  district?: string
  street?: string
  postal_code?: string
}

/** An attached file as records show it. */
export interface StoredFile {
  id: string
  name: string
  size: number
  type: string
}

export interface Choice {
  value: string
  label: Text
  color?: string | null
  /** What the choice means as a stage of a pipeline. */
  stage?: ChoiceStage
}

export type StageKind = 'tasks' | 'checks'

/** A key task of a stage, due so many days after a record has come into it. */
export interface StageTask {
  title: Text
  days: number
}

/** A point of a stage's check list. */
export interface StageCheck {
  key: string
  label: Text
}

export interface ChoiceStage {
  probability?: number
  closed?: 'won' | 'lost' | null
  required?: string[]
  enter?: unknown
  exit?: unknown
  message?: Text
  tasks?: StageTask[]
  checks?: StageCheck[]
  /** What must be done before a record moves on. */
  complete?: StageKind[]
}

export interface FieldOptions {
  max_length?: number
  min?: string | number | null
  max?: string | number | null
  precision?: number
  scale?: number
  currency?: string
  /** Of calculated money: it stays in the currency of its amounts. */
  keep_currency?: boolean
  choices?: Choice[]
  object?: string
  max_links?: number
  max_files?: number
  prefix?: string
  digits?: number
  /** Of an automatic number: `HT-{YYYY}{MM}-{0000}`, in place of prefix and digits. */
  format?: string
  /** Of several choices: they are the tags of the company. */
  tags?: boolean
  /** The system keeps the field and its values. */
  managed?: boolean
  /** Of calculated fields: what is worked out, and the type of its values. */
  expression?: string
  result?: FieldType
  function?: 'count' | 'sum' | 'average' | 'min' | 'max'
  reference?: string
  field?: string
  criteria?: unknown
  match?: MatchPair[]
  period?: MatchPeriod
}

/** A field of the other records equals one of this record; departments with those below, an empty one with any. */
export interface MatchPair {
  field: string
  own: string
  below?: boolean
  optional?: boolean
}

/** A date of the other records lies between two of this record. */
export interface MatchPeriod {
  field: string
  from: string
  to: string
}

export interface FieldDefinition {
  name: string
  type: FieldType
  label: Text
  help?: Text
  required: boolean
  unique: boolean
  indexed?: boolean
  default?: unknown
  /** Whether it says who somebody is; null: as its type says. */
  personal?: boolean | null
  sensitive?: boolean
  position: number
  options: FieldOptions
  access?: 'none' | 'masked' | 'read' | 'write'
  system?: boolean
  /** Nobody gives the values; `type` is then the type of what is worked out. */
  calculated?: 'formula' | 'rollup'
}

export interface FormSection {
  label: Text
  columns?: number
  fields: string[]
}

export interface Conversion {
  creates: { object: string; fields: Record<string, string>; references?: Record<string, string> }[]
  set?: Record<string, unknown>
  references?: Record<string, string>
}

/** A conversion beside the object's own one; it may be done again. */
export interface NamedConversion extends Conversion {
  key: string
  label: Text
  /** Offered to records that meet them. */
  criteria?: Criteria | null
}

/** Where values come from while a record is written. */
export interface Fill {
  reference?: string
  object?: string
  match?: Record<string, string>
  valid?: { from: string; to: string; at: string }
  tier?: { field: string; by: string }
  set: Record<string, string>
}

export interface ObjectGroup {
  key: string
  label: Text
  position: number
}

export interface RecordLock {
  criteria: Criteria
  open: string[]
  message: Text
}

export interface ObjectDefinition {
  name: string
  label: Text
  plural: Text
  icon?: string
  title_field: string
  position: number
  version: number
  system: boolean
  fields: FieldDefinition[]
  list_fields: string[]
  form_sections: FormSection[]
  duplicate_rules?: { fields: string[] }[]
  conversion?: Conversion | null
  conversions?: NamedConversion[]
  /** When records stay as they are, and which of their fields people may go on changing. */
  lock?: RecordLock | null
  /** Every record is a line of the one that its own reference points at. */
  line_of?: { reference: string; order: string | null } | null
  /** Key of the group of the navigation that it stands in. */
  group?: string | null
  fills?: Fill[]
  /** Records with a date in `due` are tasks of their owner. */
  planned_task?: { due: string; title: string | null; kind: string | null; about: string[] } | null
}

export interface RecordData {
  id: string
  version: number
  created_at: string
  created_by: string | null
  updated_at: string
  updated_by: string | null
  owner_id: string | null
  department_id: string | null
  /** Names of links; those of a list of references by id, see `namesIn`. */
  _labels?: Record<string, string>
  [field: string]: unknown
}

export interface TimelineEntry {
  id: string
  kind: 'change' | 'run' | 'message' | 'task' | 'share' | 'related'
  at: string
  by: { id: string | null; name: string } | null
  action: string
  origin?: {
    kind: 'person' | 'rule' | 'process' | 'import' | 'system'
    id?: string | null
    name?: string | null
    /** The record whose writing brought this about. */
    because?: RecordLink | null
    /** The moment that values went back to. */
    restored_to?: string
    /** When it had been deleted before it came back. */
    from_bin?: string
  } | null
  changes?: { field: string; before: unknown; after: unknown }[]
  text?: string | null
  /** The record that refers to this one, of kind `related`. */
  record?: { object: string; id: string; title: string | null }
}

export type ObjectAction = 'create' | 'read' | 'update' | 'delete' | 'import' | 'export' | 'convert' | 'unlock'

export interface ObjectPolicy {
  actions: ObjectAction[]
  scope: string
  fields?: Record<string, string>
}

export interface Me {
  id: string
  username: string
  name: string
  email: string | null
  locale: string
  timezone: string
  department: { id: string; name: string } | null
  roles: { id: string; key: string; name: Text }[]
  permissions: string[]
  objects: Record<string, ObjectPolicy>
  must_change_password: boolean
}

export interface Person {
  id: string
  name: string
  department_id: string | null
  active: boolean
}

export interface Department {
  id: string
  name: string
  parent_id: string | null
  path?: string
}

export interface RecordLink {
  object: string
  id: string
  title?: string
}

export interface Task {
  id: string
  title: string
  kind: string
  state: 'open' | 'done' | 'cancelled'
  due_at: string | null
  assignee_id: string
  assignee_name: string
  link: RecordLink | null
  created_by: { kind: string; id: string | null; name: string } | null
  created_at: string
  completed_at: string | null
  completed_by: string | null
  version: number
  process: StepOfProcess | null
  /** For whom the assignee stands in. */
  on_behalf_of: { id: string; name: string | null } | null
}

/** Which step of a process a task is; one that decides is approved or rejected, any other completed. */
export interface StepOfProcess {
  instance_id: string
  node: string
  decision: boolean
  applicant: { id: string | null; name: string | null }
}

export interface InboxItem {
  id: string
  title: string
  body: string
  template: string
  link: RecordLink | null
  file: { id: string; name: string } | null
  count: number
  bulk: string | null
  read_at: string | null
  created_at: string
  updated_at: string
}
