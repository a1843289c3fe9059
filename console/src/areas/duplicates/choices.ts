/** Which value of two records a merge keeps, field by field. */
import type { FieldDefinition, ObjectDefinition, RecordData } from '@/api/types'
import { isEmpty, sameValue } from '@/metadata/values'

export interface Choice {
  field: FieldDefinition
  /** 0: the first record's value, 1: the second's. */
  from: 0 | 1
}

/** The fields in which the two differ, each with what is suggested: the value of who stays, unless it has none. */
export function choicesOf(object: ObjectDefinition, records: [RecordData, RecordData], stays: 0 | 1): Choice[] {
  const goes = stays === 0 ? 1 : 0
  return object.fields
    .filter((field) => field.access === 'write' && field.type !== 'auto_number')
    .filter((field) => !sameValue(records[0][field.name], records[1][field.name]))
    .map((field) => ({ field, from: isEmpty(records[stays][field.name]) ? goes : stays }))
}

/** The fields whose values come from the record that goes. */
export const takenFrom = (choices: Choice[], stays: 0 | 1): string[] =>
  choices.filter((choice) => choice.from !== stays).map((choice) => choice.field.name)
