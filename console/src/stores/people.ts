/** Names of colleagues and departments: fetched once, asked by every cell that shows one. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { fetchDepartments, fetchPeople } from '@/api/auth'
import type { Department, Person } from '@/api/types'

const PAGE = 200
const MOST_PAGES = 10

export const usePeople = defineStore('people', () => {
  const people = ref<Person[]>([])
  const departments = ref<Department[]>([])
  let flight: Promise<void> | null = null

  const personById = computed(() => new Map(people.value.map((person) => [person.id, person])))
  const departmentById = computed(() => new Map(departments.value.map((one) => [one.id, one])))

  /** Loads both once; later calls wait for the first. */
  function load(): Promise<void> {
    flight ??= fetchAll().catch((error: unknown) => {
      flight = null
      throw error
    })
    return flight
  }

  async function fetchAll(): Promise<void> {
    const [all, units] = await Promise.all([fetchEverybody(), fetchDepartments()])
    people.value = all
    departments.value = units
  }

  async function fetchEverybody(): Promise<Person[]> {
    const found: Person[] = []
    let cursor: string | undefined
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await fetchPeople({ limit: PAGE, cursor })
      found.push(...answer.items)
      if (!answer.next_cursor) break
      cursor = answer.next_cursor
    }
    return found
  }

  const nameOf = (id: string) => personById.value.get(id)?.name
  const departmentName = (id: string) => departmentById.value.get(id)?.name

  function forget(): void {
    flight = null
    people.value = []
    departments.value = []
  }

  return { people, departments, load, nameOf, departmentName, forget }
})
