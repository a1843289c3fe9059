import { describe, expect, it } from 'vitest'
import type { FieldDefinition, FieldType, ObjectDefinition, RecordData } from '@/api/types'
import { EventReader } from '@/api/eventStream'
import { summarise } from '@/areas/records/list/bulk'
import { nextSort } from '@/areas/views/model'
import { changedValues, missingFields, targetsOf } from '@/areas/records/record/convert'
import { keyFields, stageField } from '@/areas/records/record/header'
import { changesFrom, initialValues, isEntered, sectionsOf } from '@/areas/records/form/model'
import { asTree } from '@/metadata/departments'
import { withSystemFields } from '@/metadata/systemFields'
import { sameValue } from '@/metadata/values'
import { withNewest } from '@/shell/recentSearches'
import { isEnough } from '@/shell/search'

const field = (name: string, type: FieldType = 'text', more: Partial<FieldDefinition> = {}): FieldDefinition => ({
  name,
  type,
  label: { en: name },
  required: false,
  unique: false,
  position: 1,
  options: {},
  access: 'write',
  ...more,
})

const choices = ['new', 'working', 'done'].map((value) => ({ value, label: { en: value } }))

const object = (name: string, fields: FieldDefinition[], more: Partial<ObjectDefinition> = {}): ObjectDefinition => ({
  name,
  label: { en: name },
  plural: { en: name },
  title_field: 'name',
  position: 1,
  version: 1,
  system: false,
  fields,
  list_fields: fields.map((one) => one.name),
  form_sections: [],
  ...more,
})

const lead = object(
  'lead',
  [
    field('name', 'text', { required: true }),
    field('company'),
    field('status', 'choice', { options: { choices } }),
    field('customer_id', 'reference', { options: { object: 'customer' } }),
    field('secret', 'text', { access: 'none' }),
    field('shown', 'text', { access: 'read' }),
  ],
  {
    form_sections: [{ label: { en: 'Basics' }, columns: 2, fields: ['name', 'company', 'secret', 'shown'] }],
    conversion: {
      creates: [{ object: 'customer', fields: { name: 'company' } }],
      references: { customer_id: 'customer' },
    },
  },
)
const customer = object('customer', [
  field('name', 'text', { required: true }),
  field('level', 'choice', { required: true, default: 'c' }),
])
const record = { id: '1', version: 1, name: '王芳', company: '远大', status: 'new' } as unknown as RecordData

describe('forms', () => {
  it('show writable fields, designed sections first, then the rest and the owner', () => {
    const sections = sectionsOf(lead, isEntered(lead))
    expect(sections.map((section) => section.fields.map((one) => one.name))).toEqual([
      ['name', 'company'],
      ['status', 'owner_id'],
    ])
  })

  it('send only what differs, with null for what was emptied', () => {
    const base = { name: 'a', company: 'b', status: null }
    expect(changesFrom(base, { name: 'a', company: '', status: 'new' }, lead.fields)).toEqual({
      company: null,
      status: 'new',
    })
  })

  it('start with defaults that a preset overrules', () => {
    const scope = { now: 0, timezone: 'UTC', userId: null, departmentId: null, below: () => [] }
    expect(initialValues(customer.fields, { name: 'x' }, scope)).toEqual({ level: 'c', name: 'x' })
    expect(initialValues(customer.fields, { level: 'a' }, scope)).toEqual({ level: 'a' })
  })

  it('take an empty text, an empty list and nothing for the same', () => {
    expect(sameValue('', null)).toBe(true)
    expect(sameValue([], undefined)).toBe(true)
    expect(sameValue({ amount: '1', currency: 'CNY' }, { amount: '1', currency: 'CNY' })).toBe(true)
    expect(sameValue(false, null)).toBe(false)
  })
})

describe('a conversion', () => {
  const [target] = targetsOf(lead.conversion!, record, (name) => (name === 'customer' ? customer : undefined))

  it('shows mapped values and what the new record requires', () => {
    expect(target?.values).toEqual({ name: '远大', level: 'c' })
    expect(target?.fields.map((one) => one.name)).toEqual(['name', 'level'])
  })

  it('sends only what the person changed, and nothing for what is left out', () => {
    expect(changedValues([target!])).toEqual({})
    expect(changedValues([{ ...target!, values: { name: '新名', level: 'c' } }])).toEqual({
      customer: { name: '新名' },
    })
    expect(changedValues([{ ...target!, values: { name: '新名' }, skipped: true }])).toEqual({})
  })

  it('names required fields that are empty', () => {
    expect(missingFields({ ...target!, values: { name: '', level: 'c' } })).toEqual(['name'])
  })
})

describe('the head of a record', () => {
  it('finds the stages and a few key fields', () => {
    expect(stageField(lead)?.name).toBe('status')
    expect(keyFields(lead).map((one) => one.name)).toEqual(['company', 'customer_id', 'shown', 'owner_id'])
  })
})

describe('lists', () => {
  it('turn the order up, down and back', () => {
    expect(nextSort('-created_at', 'name')).toBe('name')
    expect(nextSort('name', 'name')).toBe('-name')
    expect(nextSort('-name', 'name')).toBe('')
  })

  it('tell how many of a bulk were refused and why', () => {
    expect(summarise([{ status: 200 }, { status: 422, problem: { detail: 'No.' } }, { status: 204 }])).toEqual({
      done: 2,
      failed: 1,
      reason: 'No.',
    })
  })

  it('hide fields that may not be read and add the system’s own', () => {
    const names = withSystemFields(lead).map((one) => one.name)
    expect(names).not.toContain('secret')
    expect(names).toContain('created_at')
  })
})

describe('departments', () => {
  it('come as a tree, orphans as roots', () => {
    const rows = asTree([
      { id: 'b', name: 'B', parent_id: 'a' },
      { id: 'a', name: 'A', parent_id: null },
      { id: 'c', name: 'C', parent_id: 'unseen' },
    ])
    expect(rows.map((row) => [row.id, row.depth])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 0],
    ])
  })
})

describe('the event stream', () => {
  it('is read whatever the chunks it comes in', () => {
    const text = ': hello\nevent: inbox\ndata: {"unread":\ndata: 3}\n\ndata: x\r\n\r\n'
    for (const size of [1, 3, 7, 200]) {
      const reader = new EventReader()
      const events = []
      for (let at = 0; at < text.length; at += size) events.push(...reader.push(text.slice(at, at + size)))
      expect(events.filter((event) => event.name === 'inbox')).toEqual([{ name: 'inbox', data: '{"unread":\n3}' }])
    }
  })
})

describe('the search box', () => {
  it('asks from two letters or one Chinese character on', () => {
    expect(['a', ' 1 ', ''].map(isEnough)).toEqual([false, false, false])
    expect(['王', 'hk', '13'].map(isEnough)).toEqual([true, true, true])
  })

  it('remembers each search once, the newest first, and not too many', () => {
    expect(withNewest(['恒科', '王芳'], '王芳')).toEqual(['王芳', '恒科'])
    expect(withNewest(['1', '2', '3', '4', '5', '6'], '7')).toEqual(['7', '1', '2', '3', '4', '5'])
  })
})
