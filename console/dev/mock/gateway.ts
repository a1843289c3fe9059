/** Mock of sign-in and of the colleagues. */
import { ok, page, problem, type Route } from './http.ts'

export const DEPARTMENTS = [
  { id: 'd-root', name: '恒川科技', parent_id: null, path: 'd-root' },
  { id: 'd-east', name: '华东销售部', parent_id: 'd-root', path: 'd-root/d-east' },
  { id: 'd-north', name: '华北销售部', parent_id: 'd-root', path: 'd-root/d-north' },
  { id: 'd-south', name: '华南销售部', parent_id: 'd-root', path: 'd-root/d-south' },
]

const NAMES: [string, string][] = [
  ['王芳', 'd-east'],
  ['李娜', 'd-east'],
  ['张伟', 'd-east'],
  ['刘洋', 'd-north'],
  ['陈静', 'd-north'],
  ['杨磊', 'd-south'],
  ['赵敏', 'd-south'],
  ['Anna Keller', 'd-east'],
  ['David Chen', 'd-root'],
]

export const PEOPLE = NAMES.map(([name, department_id], index) => ({
  id: `u-${index + 1}`,
  name,
  department_id,
  active: true,
}))

const ADMIN_ROLE = { id: 'r-admin', key: 'administrator', name: { en: 'Administrator', 'zh-CN': '系统管理员' } }
const ALL_ACTIONS = ['create', 'read', 'update', 'delete', 'import', 'export', 'convert']

const me = {
  id: 'u-1',
  username: 'admin',
  name: '王芳',
  email: 'wangfang@hengchuan.example',
  locale: process.env.FREEHOLD_MOCK_LOCALE ?? 'en',
  timezone: 'Asia/Shanghai',
  department: { id: 'd-east', name: '华东销售部' },
  roles: [ADMIN_ROLE],
  permissions: [
    'users.manage',
    'roles.manage',
    'audit.read',
    'keys.manage',
    'objects.manage',
    'rules.manage',
    'templates.manage',
    'dashboards.manage',
    'packs.install',
    'imports.run',
    'system.read',
  ],
  objects: { '*': { actions: ALL_ACTIONS, scope: 'all', fields: {} } },
  must_change_password: false,
}

const pair = () => ({
  access_token: `a${Date.now()}`,
  refresh_token: `r${Date.now()}`,
  token_type: 'Bearer',
  expires_in: 600,
})
let failures = 0

export const gatewayRoutes: Route[] = [
  [
    'POST',
    /^\/api\/auth\/login$/,
    ({ body }) => {
      if (failures >= 4) {
        failures = 0
        return { ...problem(429, 'locked_out', 'Too many attempts.'), headers: { 'Retry-After': '42' } }
      }
      if (body.password === 'freehold') return ok(pair())
      failures += 1
      return problem(401, 'invalid_credentials', 'User name or password is not right.')
    },
  ],
  ['POST', /^\/api\/auth\/refresh$/, () => ok(pair())],
  ['POST', /^\/api\/auth\/logout$/, () => ({ status: 204 })],
  ['GET', /^\/api\/auth\/me$/, () => ok(me)],
  ['PATCH', /^\/api\/auth\/me$/, ({ body }) => ok(Object.assign(me, body))],
  ['POST', /^\/api\/auth\/password$/, () => ok({ ...pair(), refresh_token: undefined })],
  [
    'GET',
    /^\/api\/gateway\/v1\/people$/,
    (ask) => {
      const q = ask.query.get('q') ?? ''
      return page(
        PEOPLE.filter((person) => person.name.includes(q)),
        ask,
      )
    },
  ],
  ['GET', /^\/api\/gateway\/v1\/people\/departments$/, (ask) => page(DEPARTMENTS, ask)],
]
