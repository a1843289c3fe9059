/** The choices of a field as stages of a pipeline, while they are edited. */
import type { Choice, ChoiceStage, StageCheck, StageKind, StageTask, Text } from '@/api/types'
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
  tasks: StageTask[]
  checks: StageCheck[]
  complete: StageKind[]
}

/** The fields whose choices can be stages; those that are some already come first. */
export function stageFields(object: DefinedObject): DefinedField[] {
  const found = object.fields.filter((field) => field.type === 'choice' && !field.options.managed)
  const isPipeline = (field: DefinedField) => Number(field.options.choices?.some((choice) => choice.stage) ?? false)
  return found.sort((one, other) => isPipeline(other) - isPipeline(one))
}

export const stagesOf = (field: DefinedField | undefined): StageDraft[] => (field?.options.choices ?? []).map(draftOf)

function draftOf({ value, label, color, stage }: Choice): StageDraft {
  return {
    ...{ value, label, color: color ?? null },
    kind: stage?.closed ?? 'open',
    probability: stage?.probability ?? 0,
    required: [...(stage?.required ?? [])],
    enter: (stage?.enter ?? null) as Criteria | null,
    exit: (stage?.exit ?? null) as Criteria | null,
    message: { ...stage?.message },
    tasks: [...(stage?.tasks ?? [])],
    checks: [...(stage?.checks ?? [])],
    complete: [...(stage?.complete ?? [])],
  }
}

export const hasGate = (stage: StageDraft): boolean =>
  !!(stage.required.length || stage.enter || stage.exit || stage.complete.length)

export const bodyOf = (stages: StageDraft[]): StageBody[] =>
  stages.map((stage) => ({ value: stage.value, stage: said(stage) }))

/** What is said of a stage; null when there is nothing. */
function said(stage: StageDraft): ChoiceStage | null {
  const message = tidy(stage.message)
  const about: ChoiceStage = {
    ...(stage.tasks.length ? { tasks: stage.tasks.map((task) => ({ ...task, title: tidy(task.title) })) } : {}),
    ...(stage.checks.length ? { checks: stage.checks.map((check) => ({ ...check, label: tidy(check.label) })) } : {}),
    ...(stage.complete.length ? { complete: stage.complete } : {}),
    ...(stage.probability ? { probability: stage.probability } : {}),
    ...(stage.kind === 'open' ? {} : { closed: stage.kind }),
    ...(stage.required.length ? { required: stage.required } : {}),
    ...(stage.enter ? { enter: stage.enter } : {}),
    ...(stage.exit ? { exit: stage.exit } : {}),
    ...(Object.keys(message).length ? { message } : {}),
  }
  return Object.keys(about).length ? about : null
}

/** A key that no point of the list has yet. */
export function freshKey(checks: StageCheck[]): string {
  const taken = new Set(checks.map((check) => check.key))
  let number = checks.length + 1
  while (taken.has(`check_${number}`)) number += 1
  return `check_${number}`
}
