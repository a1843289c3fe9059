/** Asks before something that cannot be taken back: `if (await confirm({...})) …`. */
import { ref } from 'vue'

export interface Question {
  title: string
  body?: string
  accept: string
  danger?: boolean
}

interface Asked extends Question {
  answer: (yes: boolean) => void
}

export const asked = ref<Asked | null>(null)

export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = null
        resolve(yes)
      },
    }
  })
}
