/** The language of formulas, and formulas while they are written. */
import { http } from './http'
import type { Page, Text } from './types'

const BASE = '/api/customer/v1/formulas'

export interface FormulaFunction {
  name: string
  group: string
  signature: string
  about: Text
  example: string
  gives: string
}

export interface FormulaMistake {
  code: string
  detail: string
  start?: number
  end?: number
  line?: number
  column?: number
  suggestion?: string | null
}

export interface FormulaPreview {
  record: { id: string; title: string | null }
  value: unknown
  error: FormulaMistake | null
}

export interface FormulaCheck {
  valid: boolean
  errors: FormulaMistake[]
  reads: string[]
  volatile: boolean
  preview: FormulaPreview | null
}

export interface FormulaDraft {
  expression: string
  result: string
  options?: Record<string, unknown>
  field?: string
  record_id?: string
}

export async function fetchFunctions(): Promise<FormulaFunction[]> {
  const answer = await http.get<Page<FormulaFunction>>(`${BASE}/functions`, { lasting: true })
  return answer.items
}

export const checkFormula = (object: string, draft: FormulaDraft, signal?: AbortSignal) =>
  http.post<FormulaCheck>(`${BASE}/${encodeURIComponent(object)}/check`, draft, { signal })
