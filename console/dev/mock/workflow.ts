/** Mock of tasks, as the record page needs them. */
import { newId, page, type Route } from './http.ts'

const HOUR = 3_600_000

const taskOf = (object: string, id: string) => ({
  id: newId(),
  title: 'First contact within 24 hours / 24 小时内首次联系',
  kind: 'first_contact',
  state: 'open',
  due_at: new Date(Date.now() + 5 * HOUR).toISOString(),
  assignee_id: 'u-2',
  assignee_name: '李娜',
  link: { object, id, title: '' },
  created_by: { kind: 'rule', id: 'rule-1', name: 'East leads / 华东大额线索' },
  created_at: new Date(Date.now() - 19 * HOUR).toISOString(),
  completed_at: null,
  completed_by: null,
  version: 1,
})

export const workflowRoutes: Route[] = [
  [
    'GET',
    /^\/api\/workflow\/v1\/tasks$/,
    (ask) => {
      const object = ask.query.get('object')
      const record = ask.query.get('record_id')
      return page(object && record ? [taskOf(object, record)] : [], ask)
    },
  ],
  ['GET', /^\/api\/workflow\/v1\/tasks\/summary$/, () => ({ json: { open: 7, overdue: 2, today: 3 } })],
  ['POST', /^\/api\/workflow\/v1\/tasks\/([^/]+)\/complete$/, () => ({ json: {} })],
]
