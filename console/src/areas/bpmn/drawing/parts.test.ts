import { describe, expect, it } from 'vitest'
import { bare } from './marks'
import { hasDiagram } from './layout'
import { showNames } from './names'
import { isoOf, jsonOf, peopleOf, spanOf, wayOf } from './parts'
import type { Part } from './types'

const part = (of: object) => of as Part

describe('lengths of time', () => {
  it('are written as BPMN has them and read back', () => {
    expect(['30m', '4h', '3d', '2w', '', null].map(isoOf)).toEqual(['PT30M', 'PT4H', 'P3D', 'P14D', '', ''])
    expect(['PT30M', 'PT4H', 'P3D', ' ', 'P1DT2H'].map(spanOf)).toEqual(['30m', '4h', '3d', null, undefined])
  })
})

describe('elements', () => {
  it('name people as the approval designer does', () => {
    const entries = [
      { $type: 'freehold:Person', id: 'p' },
      { $type: 'freehold:Role', key: 'head', up: '1' },
      { $type: 'freehold:Role', key: 'finance' },
      { $type: 'freehold:Field', name: 'owner_id' },
      { $type: 'freehold:Applicant' },
    ]
    expect(peopleOf(part({ extensionElements: { values: [{ $type: 'freehold:People', entries }] } }))).toEqual([
      { person: 'p' },
      { role: 'head', up: 1 },
      { role: 'finance' },
      { field: 'owner_id' },
      { applicant: true },
    ])
  })

  it('tell on which condition a way is taken', () => {
    const otherwise: Record<string, unknown> = { sourceRef: {} }
    otherwise.sourceRef = { default: otherwise }
    expect(wayOf(part(otherwise))).toBe('otherwise')
    expect(wayOf(part({}))).toBe('always')
    expect(wayOf(part({ conditionExpression: { body: 'x' } }))).toBe('formula')
    expect(wayOf(part({ conditionExpression: { language: 'urn:freehold:criteria' } }))).toBe('criteria')
    expect(jsonOf('{', null)).toBeUndefined()
  })

  it('show their name in the language of the screen, within sub-processes too', () => {
    const values = [
      { $type: 'freehold:Name', locale: 'en', text: 'Boss' },
      { $type: 'freehold:Name', locale: 'zh-CN', text: '主管' },
    ]
    const step = part({ name: 'Boss', extensionElements: { values } })
    const definitions = part({ rootElements: [{ flowElements: [{ name: 'plain', flowElements: [step] }] }] })
    showNames(definitions, 'zh-CN')
    expect([step.name, definitions.rootElements[0].flowElements[0].name]).toEqual(['主管', 'plain'])
  })
})

it('says what is wrong without the element that it stands at', () => {
  expect(bare('scriptTask “S”: it is not executed.')).toBe('it is not executed.')
  expect(bare('scriptTask“S”：不执行。')).toBe('不执行。')
  expect(bare('The file is not BPMN 2.0.')).toBe('The file is not BPMN 2.0.')
})

it('sees whether a file has a diagram', () => {
  expect(hasDiagram('<bpmndi:BPMNShape id="x">')).toBe(true)
  expect(hasDiagram('<a><b name="BPMNShape"/></a>')).toBe(false)
})
