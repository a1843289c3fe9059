/** What is to do in the stages of one record, as the customer service keeps it. */
import { http } from '@/api/http'
import type { Choice, ObjectDefinition, StageKind, Text } from '@/api/types'

export interface StageTaskState {
  id: string
  title: Text
  due_at: string | null
  state: 'waiting' | 'open' | 'done'
  assignee: { id: string; name: string } | null
}

export interface StageCheckState {
  key: string
  label: Text
  ticked: boolean
  at: string | null
  by: { id: string | null; name: string } | null
}

export interface StageWork {
  field: string
  stage: string
  complete: StageKind[]
  tasks: StageTaskState[]
  checks: StageCheckState[]
}

const at = (object: string, id: string) => `/api/customer/v1/records/${object}/${id}/stages`

export const fetchStageWork = (object: string, id: string) => http.get<{ items: StageWork[] }>(at(object, id))

export const tickCheck = (object: string, id: string, work: StageWork, key: string, ticked: boolean) =>
  http.put(`${at(object, id)}/${work.field}/checks/${key}`, { stage: work.stage, ticked })

/** The choice that a record's stage is. */
export const choiceOf = (object: ObjectDefinition, work: StageWork): Choice | undefined =>
  object.fields
    .find((field) => field.name === work.field)
    ?.options.choices?.find((choice) => choice.value === work.stage)
