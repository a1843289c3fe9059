/** The layout of an object's form, live: which one applies and what it shows follows the values as they are typed. */
import { computed, watch } from 'vue'
import type { Me, ObjectDefinition } from '@/api/types'
import { useScope } from '@/composables/scope'
import { holds } from '@/criteria/evaluate'
import type { Criteria } from '@/criteria/model'
import { withSystemFields } from '@/metadata/systemFields'
import { useLayouts } from '@/stores/layouts'
import { useAnswers } from './answers'
import { applyingLayout, sectionsOf, type FormField, type Section, type Values } from './model'

export function useLayout(object: () => ObjectDefinition) {
  const layouts = useLayouts()
  const scope = useScope()
  const { answer, settled, forget, failed } = useAnswers(() => object().name)
  const fields = computed(() => new Map(withSystemFields(object()).map((field) => [field.name, field])))

  watch(
    () => object().name,
    (name) => void layouts.load(name),
    { immediate: true },
  )

  /** The sections of the form for a record as it stands. */
  function sections(record: Values, keep: (field: FormField) => boolean): Section[] {
    const judge = (criteria: Criteria) => holds(criteria, record, fields.value, { ...scope(), related: answer })
    return sectionsOf(object(), keep, applyingLayout(layouts.candidates(object().name), judge), judge)
  }

  return { sections, settled, forget, failed }
}

/** Members that a new record has before anybody types. */
export const newRecord = (me: Me | null): Values => ({
  owner_id: me?.id ?? null,
  department_id: me?.department?.id ?? null,
})
