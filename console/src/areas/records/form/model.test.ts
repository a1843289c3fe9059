import { describe, expect, it } from 'vitest'
import type { ShownLayout } from '@/api/layouts'
import type { FieldDefinition, ObjectDefinition } from '@/api/types'
import { applyingLayout, changesFrom, initialValues, isOnForm, sectionsOf, useForm } from './model'

const field = (name: string, more: Partial<FieldDefinition> = {}): FieldDefinition => ({
  name,
  type: 'text',
  label: { en: name },
  required: false,
  unique: false,
  position: 0,
  options: {},
  access: 'write',
  ...more,
})

const object: ObjectDefinition = {
  name: 'lead',
  label: { en: 'Lead' },
  plural: { en: 'Leads' },
  title_field: 'name',
  position: 0,
  version: 1,
  system: false,
  fields: [field('name', { required: true }), field('stage'), field('reason'), field('note', { type: 'long_text' })],
  list_fields: [],
  form_sections: [{ label: { en: 'Basics' }, columns: 2, fields: ['name', 'note'] }],
}

const nothing = { help: {}, visible_when: null, required_when: null }
const place = (name: string, more = {}) => ({
  ...nothing,
  field: name,
  width: 'half' as const,
  read_only: false,
  required: false,
  ...more,
})
const lost = { field: 'stage', op: 'eq', value: 'lost' } as const
const layout = (fields: ShownLayout['sections'][0]['fields'], more: Partial<ShownLayout> = {}): ShownLayout => ({
  key: 'main',
  version: 1,
  label: {},
  criteria: null,
  rest: 'hide',
  sections: [{ ...nothing, label: { en: 'Deal' }, columns: 2, fields }],
  ...more,
})
const names = (sections: ReturnType<typeof sectionsOf>) => sections.map((one) => one.fields.map((item) => item.name))
const every = () => true

describe('sections of a form', () => {
  it('follow the object while no layout is known', () => {
    const sections = sectionsOf(object, every)
    expect(names(sections)).toEqual([
      ['name', 'note'],
      ['stage', 'reason', 'owner_id'],
    ])
    expect(sections[0]?.fields[1]?.wide).toBe(true)
  })

  it('show and demand a field only when its condition holds', () => {
    const form = layout([place('stage'), place('reason', { visible_when: lost, required_when: lost })])
    expect(names(sectionsOf(object, every, form, () => false))).toEqual([['stage'], ['name']])
    const shown = sectionsOf(object, every, form, () => true)
    expect(names(shown)).toEqual([['stage', 'reason'], ['name']])
    expect(shown[0]?.fields[1]?.required).toBe(true)
  })

  it('ask for what the object demands, even when the layout leaves the rest out', () => {
    expect(names(sectionsOf(object, every, layout([place('stage')])))).toEqual([['stage'], ['name']])
    expect(names(sectionsOf(object, every, layout([place('stage')], { rest: 'show' })))).toEqual([
      ['stage'],
      ['name', 'reason', 'note', 'owner_id'],
    ])
  })

  it('hide a whole section by its condition', () => {
    const form = layout([place('name'), place('stage')])
    form.sections[0]!.visible_when = lost
    expect(names(sectionsOf(object, every, form, () => false))).toEqual([])
  })

  it('show what is only for reading once it has a value', () => {
    const form = layout([place('stage', { read_only: true, required: true }), place('name')])
    expect(names(sectionsOf(object, isOnForm(object, {}), form))).toEqual([['name']])
    const [section] = sectionsOf(object, isOnForm(object, { stage: 'won' }), form)
    expect(section?.fields.map(({ name, access, required }) => [name, access, required])).toEqual([
      ['stage', 'read', false],
      ['name', 'write', true],
    ])
  })
})

describe('the layout that applies', () => {
  it('is the first whose condition holds', () => {
    const candidates = [layout([], { key: 'one', criteria: lost }), layout([], { key: 'two' })]
    expect(applyingLayout(candidates, () => true)?.key).toBe('one')
    expect(applyingLayout(candidates, () => false)?.key).toBe('two')
    expect(applyingLayout([], () => true)).toBeUndefined()
  })
})

describe('a new record', () => {
  const scope = { now: Date.parse('2026-03-01T20:00:00Z'), timezone: 'Asia/Shanghai', userId: 'u1', departmentId: null }
  const begins = (fields: FieldDefinition[], preset = {}) =>
    initialValues(fields, preset, { ...scope, below: () => [] })

  it('begins with what its defaults mean to this person at this moment', () => {
    const fields = ['$today', '$now', '$me', '$my_department', 'C', null].map((given, place) =>
      field(`f${place}`, { default: given }),
    )
    expect(begins(fields)).toEqual({ f0: '2026-03-02', f1: '2026-03-01T20:00:00.000Z', f2: 'u1', f4: 'C' })
  })

  it('prefers what it was opened with', () => {
    expect(begins([field('day', { default: '$today' })], { day: '2025-01-01' })).toEqual({ day: '2025-01-01' })
  })
})

describe('a form', () => {
  it('neither checks nor sends what is hidden', () => {
    const all = [field('name', { required: true }), field('reason', { required: true })]
    const form = useForm(
      () => all,
      () => all.slice(0, 1),
    )
    form.start({ name: 'x', reason: 'old' })
    form.set('reason', null)
    expect(form.check()).toBe(true)
    expect(form.changed.value).toEqual({})
    form.set('name', '')
    expect(form.check()).toBe(false)
    expect(changesFrom({ reason: 'old' }, form.values, all.slice(1))).toEqual({ reason: null })
  })
})
