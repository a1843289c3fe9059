/** The choices of a field as stages of a pipeline, while they are edited. */
import type { Choice, ChoiceStage, Text } from '@/api/types'
import type { Criteria } from '@/criteria/model'
import type { DefinedField, DefinedObject, StageBody } from './api'
import { tidy } from './draft'

export type Kind = 'open' | 'won' | 'lost'

export interface StageDraft {
  value: string
  label: Text
  color: string | null
  kind: Kind
  probability: number
  required: string[]
  enter: Criteria | null
  exit: Criteria | null
  message: Text
  /** What is edited elsewhere is carried along. */
  rest: Pick<ChoiceStage, 'tasks' | 'checks'>
}

/** The fields whose choices can be stages; those that are some already come first. */
export function stageFields(object: DefinedObject): DefinedField[] {
  const found = object.fields.filter((field) => field.type === 'choice' && !field.options.managed)
  const isPipeline = (field: DefinedField) => Number(field.options.choices?.some((choice) => choice.stage) ?? false)
  return found.sort((one, other) => isPipeline(other) - isPipeline(one))
}

export const stagesOf = (field: DefinedField | undefined): StageDraft[] => (field?.options.choices ?? []).map(draftOf)

function draftOf({ value, label, color, stage }: Choice): StageDraft {
  const { tasks, checks } = stage ?? {}
  return {
    ...{ value, label, color: color ?? null },
    kind: stage?.closed ?? 'open',
    probability: stage?.probability ?? 0,
    required: [...(stage?.required ?? [])],
    enter: (stage?.enter ?? null) as Criteria | null,
    exit: (stage?.exit ?? null) as Criteria | null,
    message: { ...stage?.message },
    rest: { ...(tasks?.length ? { tasks } : {}), ...(checks?.length ? { checks } : {}) },
  }
}

export const hasGate = (stage: StageDraft): boolean => !!(stage.required.length || stage.enter || stage.exit)

export const bodyOf = (stages: StageDraft[]): StageBody[] =>
  stages.map((stage) => ({ value: stage.value, stage: said(stage) }))

/** What is said of a stage; null when there is nothing. */
function said(stage: StageDraft): ChoiceStage | null {
  const message = tidy(stage.message)
  const about: ChoiceStage = {
    ...stage.rest,
    ...(stage.probability ? { probability: stage.probability } : {}),
    ...(stage.kind === 'open' ? {} : { closed: stage.kind }),
    ...(stage.required.length ? { required: stage.required } : {}),
    ...(stage.enter ? { enter: stage.enter } : {}),
    ...(stage.exit ? { exit: stage.exit } : {}),
    ...(Object.keys(message).length ? { message } : {}),
  }
  return Object.keys(about).length ? about : null
}
