import { describe, expect, it, vi } from 'vitest'
import { applyTags } from '@/api/tags'
import { tagMany } from './bulk'

vi.mock('@/api/tags', () => ({ applyTags: vi.fn() }))
vi.mock('@/api/customer', () => ({ batch: vi.fn() }))

describe('tagging many records', () => {
  it('goes in pieces that the server takes, and counts what was refused', async () => {
    vi.mocked(applyTags)
      .mockResolvedValueOnce({ changed: 499, refused: [{ id: 'x', code: 'stale', detail: 'Changed meanwhile' }] })
      .mockResolvedValueOnce({ changed: 1, refused: [] })
    const ids = Array.from({ length: 501 }, (_, place) => String(place))
    expect(await tagMany('lead', ids, ['vip'], [])).toEqual({ done: 500, failed: 1, reason: 'Changed meanwhile' })
    expect(vi.mocked(applyTags).mock.calls.map(([, some]) => some.length)).toEqual([500, 1])
  })
})
