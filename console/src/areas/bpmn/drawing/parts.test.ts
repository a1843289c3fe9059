// @ts-expect-error It comes with bpmn-js and brings no types.
import { BpmnModdle } from 'bpmn-moddle'
import { describe, expect, it } from 'vitest'
import { bare } from './marks'
import { hasDiagram } from './layout'
import { showNames } from './names'
import { FREEHOLD } from './descriptor'
import { isoOf, jsonOf, peopleOf, spanOf, timeOf, wayOf } from './parts'
import type { Part } from './types'

const part = (of: object) => of as Part

describe('lengths of time', () => {
  it('are written as BPMN has them and read back', () => {
    expect(['30m', '4h', '3d', '2w', '', null].map(isoOf)).toEqual(['PT30M', 'PT4H', 'P3D', 'P14D', '', ''])
    expect(['PT30M', 'PT4H', 'P3D', ' ', 'P1DT2H'].map((iso) => spanOf(iso))).toEqual(['30m', '4h', '3d', null, undefined])
  })

  it('are said to be working time by the timer, in an attribute that every tool keeps', async () => {
    expect(['8wh', '3wd', '3d', null].map((span) => [isoOf(span), timeOf(span)])).toEqual([
      ['PT8H', 'working'],
      ['P3D', 'working'],
      ['P3D', undefined],
      ['', undefined],
    ])
    expect(['PT8H', 'P3D', 'PT30M'].map((iso) => spanOf(iso, 'working'))).toEqual(['8wh', '3wd', undefined])
    const moddle = new BpmnModdle({ freehold: FREEHOLD })
    const definitions = moddle.create('bpmn:Definitions', { targetNamespace: 'x', rootElements: [] })
    definitions.rootElements.push(moddle.create('bpmn:TimerEventDefinition', { time: timeOf('3wd') }))
    const { xml } = await moddle.toXML(definitions)
    expect(xml).toContain('freehold:time="working"')
    expect((await moddle.fromXML(xml)).rootElement.rootElements[0].time).toBe('working')
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
