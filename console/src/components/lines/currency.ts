/** The one currency of a document's lines: that of its lines, else of its own amounts, or the one that people choose. */
import type { FieldDefinition, Money, ObjectDefinition } from '@/api/types'
import type { Values } from '@/api/lines'
import type { LineDraft } from './draft'

const isEntered = (field: FieldDefinition) => field.type === 'money' && !field.calculated

const amountsIn = (object: ObjectDefinition, values: Values) =>
  object.fields
    .filter(isEntered)
    .map((field) => values[field.name] as Money | null | undefined)
    .filter((money) => money && Number(money.amount) !== 0) as Money[]

/** Whether every sum over the lines keeps their currency, so that they may be in another one than their fields say. */
export function keepsCurrency(parent: ObjectDefinition, line: ObjectDefinition): boolean {
  const sums = parent.fields.filter(
    ({ calculated, type, options }) =>
      calculated === 'rollup' &&
      type === 'money' &&
      options.object === line.name &&
      options.reference === line.line_of?.reference,
  )
  return sums.length > 0 && sums.every((field) => field.options.keep_currency)
}

/** The currency of the first amount of these rows or records. */
export const currencyIn = (object: ObjectDefinition, all: Values[]): string | undefined =>
  all.flatMap((values) => amountsIn(object, values))[0]?.currency

/** Says the amounts of a row in a currency; the numbers stay for people to correct. */
export function putInto(line: ObjectDefinition, row: LineDraft, currency: string): void {
  for (const { name } of line.fields.filter(isEntered)) {
    const money = row.values[name] as Money | null | undefined
    if (money) row.values[name] = { ...money, currency }
  }
}

/** The filled-in amounts that are in another currency than the document, by field. */
export const foreignIn = (line: ObjectDefinition, filled: Values, currency: string): [string, Money][] =>
  line.fields
    .filter(isEntered)
    .map((field): [string, Money] => [field.name, filled[field.name] as Money])
    .filter(([, money]) => money && Number(money.amount) !== 0 && money.currency !== currency)
