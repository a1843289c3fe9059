/** Plausible records for the mock, the same at every start. */
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import type { FieldDefinition, ObjectDefinition, RecordData } from '../../src/api/types.ts'
import { PEOPLE } from './gateway.ts'
import { newId } from './http.ts'

const PACK = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../../packs/crm/objects')

export const OBJECTS: ObjectDefinition[] = readdirSync(PACK)
  .filter((name) => name.endsWith('.json'))
  .map((name) => complete(JSON.parse(readFileSync(resolve(PACK, name), 'utf8')) as ObjectDefinition))

function complete(object: ObjectDefinition): ObjectDefinition {
  const fields = object.fields.map((field) => ({ ...field, options: field.options ?? {}, access: 'write' as const }))
  return { ...object, version: 1, system: true, fields }
}

let state = 7
function random(below: number): number {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
  return state % below
}
const pick = <T>(list: T[]): T => list[random(list.length)] as T

const SURNAMES = '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗'
const GIVEN = [
  '伟',
  '芳',
  '娜',
  '敏',
  '静',
  '磊',
  '洋',
  '艳',
  '勇',
  '娟',
  '涛',
  '明',
  '超',
  '霞',
  '子轩',
  '雨桐',
  '浩然',
  '思远',
]
const COMPANIES = [
  '远大机械',
  '华信电子',
  '东方新能源',
  '博瑞医疗',
  '盛世物流',
  '中科精密',
  '天成化工',
  '海纳软件',
  '瑞丰食品',
  '金桥建筑',
  'Lindner Components',
  'Pacific Foods',
  '信达汽配',
  '恒通仓储',
  '优品零售',
]
const CITIES = ['上海', '杭州', '苏州', '北京', '广州', '深圳', '成都', '武汉', '西安', '沈阳']

const DAY = 86_400_000
const ago = (days: number) => new Date(Date.now() - days * DAY - random(DAY)).toISOString().replace(/\.\d+/, '')

function value(field: FieldDefinition, object: string): unknown {
  if (!field.required && random(10) < 2) return null
  const choices = field.options.choices?.map((choice) => choice.value) ?? []
  switch (field.type) {
    case 'text':
      return text(field.name, object)
    case 'long_text':
      return '客户对产品很感兴趣,希望下周安排一次演示。\nAsked for a quote for 20 seats and a demo next week.'
    case 'choice':
      return pick(choices)
    case 'multi_choice':
      return [pick(choices)]
    case 'money':
      return { amount: `${(random(90) + 1) * 5000}.00`, currency: field.options.currency ?? 'CNY' }
    case 'integer':
      return random(2000)
    case 'decimal':
      return `${random(1000)}.50`
    case 'percent':
      return String(random(20) * 5)
    case 'date':
      return ago(-random(60)).slice(0, 10)
    case 'datetime':
      return ago(random(30))
    case 'boolean':
      return random(2) === 1
    case 'phone':
      return `1${pick(['38', '39', '59', '86'])}${String(10_000_000 + random(89_999_999))}`
    case 'email':
      return `contact${random(900)}@example.com`
    case 'url':
      return 'https://www.example.com'
    case 'auto_number':
      return `${field.options.prefix ?? ''}${String(random(99_999)).padStart(field.options.digits ?? 6, '0')}`
    case 'user':
      return pick(PEOPLE).id
    case 'reference':
      return rows[field.options.object ?? '']?.length ? pick(rows[field.options.object ?? ''] as RecordData[]).id : null
    default:
      return null
  }
}

function text(name: string, object: string): string {
  if (name === 'name' && (object === 'lead' || object === 'contact')) return pick([...SURNAMES]) + pick(GIVEN)
  if (name === 'name' && object === 'opportunity')
    return `${pick(COMPANIES)} ${pick(['二期扩容', '年度框架', '设备采购', '系统升级'])}`
  if (name === 'name' || name === 'company') return `${pick(CITIES)}${pick(COMPANIES)}有限公司`
  if (name === 'job_title') return pick(['采购经理', '技术总监', '总经理', 'Head of Purchasing', '行政主管'])
  if (name === 'subject') return pick(['电话沟通需求', '产品演示', '上门拜访', '报价跟进'])
  if (name === 'address') return `${pick(CITIES)}市高新区科技路 ${random(300) + 1} 号`
  return pick(['方案确认', '二次报价', '安排演示', '样品寄送'])
}

export const rows: Record<string, RecordData[]> = {}
const COUNTS: Record<string, number> = { customer: 140, contact: 200, lead: 320, opportunity: 90, activity: 260 }

for (const object of [...OBJECTS].sort((a, b) => a.position - b.position)) {
  rows[object.name] = []
  for (let index = 0; index < (COUNTS[object.name] ?? 30); index += 1) rows[object.name]?.push(newRow(object))
}

function newRow(object: ObjectDefinition): RecordData {
  const owner = pick(PEOPLE)
  const created = ago(random(90))
  const values = Object.fromEntries(object.fields.map((field) => [field.name, value(field, object.name)]))
  const results = Object.keys(object.conversion?.references ?? {})
  if (values.status !== 'converted') for (const name of results) values[name] = null
  return {
    ...values,
    id: newId(),
    version: 1 + random(4),
    created_at: created,
    created_by: pick(PEOPLE).id,
    updated_at: ago(random(3)),
    updated_by: pick(PEOPLE).id,
    owner_id: owner.id,
    department_id: owner.department_id,
  }
}
