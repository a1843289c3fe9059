/** Sign-in, the person behind the session, and the colleagues that pickers offer. */
import { http } from './http'
import { endSession, keepAccess, keepTokens, signedIn, type Access, type TokenPair } from './session'
import type { Department, Me, Page, Person } from './types'

export async function signIn(username: string, password: string): Promise<void> {
  keepTokens(await http.post<TokenPair>('/api/auth/login', { username, password }, { anonymous: true }))
}

/** Ends the session at the server too; here it ends even when the server cannot be reached. */
export async function signOut(everywhere = false): Promise<void> {
  try {
    if (signedIn()) await http.post('/api/auth/logout', everywhere ? { everywhere } : {})
  } finally {
    endSession('left')
  }
}

export const fetchMe = () => http.get<Me>('/api/auth/me', { lasting: true })

export const saveMe = (changes: Partial<Pick<Me, 'name' | 'email' | 'locale' | 'timezone'>>) =>
  http.patch<Me>('/api/auth/me', changes)

/** A token from before the change may still be limited to changing the password; the answer holds one that is not. */
export async function changePassword(current: string, next: string): Promise<void> {
  keepAccess(await http.post<Access>('/api/auth/password', { current, new: next }))
}

const PEOPLE = '/api/gateway/v1/people'

export const fetchPeople = (query: { q?: string; limit?: number; cursor?: string }) =>
  http.get<Page<Person>>(PEOPLE, { query, lasting: true })

/** Departments that pickers offer; the answer is a page or, for small companies, the bare list. */
export async function fetchDepartments(): Promise<Department[]> {
  const answer = await http.get<Page<Department> | Department[]>(`${PEOPLE}/departments`, { lasting: true })
  return Array.isArray(answer) ? answer : answer.items
}
