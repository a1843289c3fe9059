/** What a new record that belongs to another takes over from it: the links that both have. */
import type { FieldDefinition, RecordData } from '@/api/types'
import { isEmpty } from '@/metadata/values'

/**
 * The references among `fields` that `record`, of an object with the fields `own`, has under the same name and to the
 * same object. A record without a name here is one that the caller may not see, and would be refused as a link.
 */
export function carriedLinks(
  fields: FieldDefinition[],
  own: FieldDefinition[],
  record: RecordData,
): Record<string, unknown> {
  const shared = fields.filter(
    (field) =>
      field.type === 'reference' &&
      (field.access ?? 'write') === 'write' &&
      own.some((one) => sameLink(one, field)) &&
      !isEmpty(record[field.name]) &&
      Boolean(record._labels?.[field.name]),
  )
  return Object.fromEntries(shared.map(({ name }) => [name, record[name]]))
}

const sameLink = (one: FieldDefinition, other: FieldDefinition) =>
  one.name === other.name && one.type === other.type && one.options.object === other.options.object
