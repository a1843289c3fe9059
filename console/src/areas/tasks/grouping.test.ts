import { describe, expect, it } from 'vitest'
import type { Task } from '@/api/types'
import { groupTasks } from './grouping'

const NOW = new Date('2026-03-01T15:30:00Z') // 23:30 in Shanghai
const due = (id: string, at: string | null) => ({ id, due_at: at }) as Task

describe('grouping of to-dos', () => {
  it('follows the calendar of the person, not of the machine', () => {
    const tasks = [
      due('late', '2026-03-01T15:00:00Z'),
      due('tonight', '2026-03-01T15:50:00Z'),
      due('tomorrow', '2026-03-01T16:10:00Z'),
      due('some day', null),
      due('far', '2026-04-01T00:00:00Z'),
    ]
    const groups = groupTasks(tasks, NOW, 'Asia/Shanghai')
    expect(groups.map((group) => [group.key, group.tasks.map((task) => task.id)])).toEqual([
      ['overdue', ['late']],
      ['today', ['tonight']],
      ['week', ['tomorrow']],
      ['later', ['far']],
      ['undated', ['some day']],
    ])
  })

  it('leaves out groups without a task', () => {
    expect(groupTasks([], NOW, 'UTC')).toEqual([])
  })
})
