/** Files of processes: their versions, the draft beside them, and what the server finds wrong with one. */
import { http, newIdempotencyKey } from '@/api/http'
import { isProblem, type FieldProblem } from '@/api/problem'
import type { Text } from '@/api/types'

const PROCESSES = '/api/workflow/v1/processes'

export interface Process {
  id: string
  key: string | null
  name: Text
  object: string
  active: boolean
  latest: number
  version: number
}

export interface Draft {
  base: number
  xml: string
  at: string
  by: { id: string | null; name: string }
  version: number
}

/** What is wrong with a file, at which of its elements, and where within what that element says. */
export interface Mistake extends FieldProblem {
  element: string | null
  element_name: string | null
  place: string | null
}

export const fetchProcess = (id: string) => http.get<Process>(`${PROCESSES}/${id}`)

export const fetchVersion = async (id: string, number: number) =>
  (await http.get<{ xml: string }>(`${PROCESSES}/${id}/versions/${number}`)).xml

export const createProcess = (body: { name: Text; object: string; active: boolean; xml: string }) =>
  http.post<Process>(PROCESSES, body, { idempotencyKey: newIdempotencyKey() })

export const publishFile = ({ id, version }: Process, xml: string) =>
  http.post<Process>(`${PROCESSES}/${id}/versions`, { xml }, { ifMatch: version, idempotencyKey: newIdempotencyKey() })

export async function fetchDraft(id: string): Promise<Draft | null> {
  try {
    return await http.get<Draft>(`${PROCESSES}/${id}/draft`)
  } catch (problem) {
    if (isProblem(problem, 404)) return null
    throw problem
  }
}

/** Keeps what is drawn; `known` is the draft that it goes on from. */
export const keepDraft = (id: string, xml: string, base: number, known: Draft | null) =>
  http.put<Draft>(`${PROCESSES}/${id}/draft`, { xml, base }, { ifMatch: known?.version ?? 0 })

export const dropDraft = (id: string, { version }: Draft) =>
  http.delete(`${PROCESSES}/${id}/draft`, { ifMatch: version })

/** Everything that keeps a file from being published. */
export async function checkFile(object: string, xml: string): Promise<Mistake[]> {
  try {
    await http.post(`${PROCESSES}/check`, { object, xml })
    return []
  } catch (problem) {
    const found = mistakesOf(problem)
    if (found.length) return found
    throw problem
  }
}

/** The mistakes that a refusal tells; none for any other error. */
export const mistakesOf = (problem: unknown): Mistake[] =>
  isProblem(problem, 422) ? problem.fields.filter((one): one is Mistake => one.pointer === '/xml') : []
