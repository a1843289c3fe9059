import { beforeEach, expect, test, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import type { RecordData } from '@/api/types'
import { useKanban, type KanbanQuery } from './kanban'

const { fetchKanban, updateRecord } = vi.hoisted(() => ({ fetchKanban: vi.fn(), updateRecord: vi.fn() }))
vi.mock('@/api/customer', () => ({ updateRecord, fetchRecord: vi.fn() }))
vi.mock('./api', () => ({ fetchKanban, fetchTotals: vi.fn().mockResolvedValue({ is: 'exact', groups: [] }) }))

const card = { id: 'a', version: 1, stage: 'new' } as unknown as RecordData
const query = ref({ group_field: 'stage', sum_field: null } as unknown as KanbanQuery)

async function board() {
  const columns = ['new', 'open', 'won'].map((value) => ({
    value,
    items: value === 'new' ? [card] : [],
    next_cursor: null,
  }))
  fetchKanban.mockResolvedValue(columns)
  const made = useKanban('deal', query)
  await vi.waitFor(() => expect(made.columns.value).toHaveLength(3))
  return made
}

const where = (made: Awaited<ReturnType<typeof board>>) =>
  made.columns.value.find((one) => one.items.some((item) => item.id === 'a'))?.value

beforeEach(() => {
  updateRecord.mockReset()
})

test('a card that is moved on before the answer goes from where it then is, with its new version', async () => {
  const made = await board()
  let answer = (_: unknown) => {}
  updateRecord.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)))
  updateRecord.mockResolvedValueOnce({ id: 'a', version: 3, stage: 'won' })
  const first = made.move(card, 'open')
  expect(where(made)).toBe('open')
  const second = made.move(card, 'won')
  expect(updateRecord).toHaveBeenCalledTimes(1)
  answer({ id: 'a', version: 2, stage: 'open' })
  await Promise.all([first, second])
  expect(updateRecord.mock.calls).toEqual([
    ['deal', 'a', { stage: 'open' }, 1],
    ['deal', 'a', { stage: 'won' }, 2],
  ])
  expect(where(made)).toBe('won')
})

test('a refusal brings the card back and ends what was to follow', async () => {
  const made = await board()
  updateRecord.mockRejectedValue(new Error('no'))
  const moves = await Promise.allSettled([made.move(card, 'open'), made.move(card, 'won')])
  await nextTick()
  expect(moves.map((one) => one.status)).toEqual(['rejected', 'rejected'])
  expect(updateRecord).toHaveBeenCalledTimes(1)
  expect(where(made)).toBe('new')
})
