import { describe, expect, it } from 'vitest'
import type { Widget } from './api'
import { arranged, below, freeKey, moved, resized, ungrouped } from './editing'

const widget = (key: string, x: number, y: number, w: number, h: number) => ({ key, layout: { x, y, w, h } }) as Widget

describe('arranging a board', () => {
  it('keeps widgets on the grid', () => {
    expect(moved({ x: 8, y: 1, w: 4, h: 2 }, 5, -9)).toEqual({ x: 8, y: 0, w: 4, h: 2 })
    expect(resized({ x: 8, y: 1, w: 4, h: 2 }, 5, -9)).toEqual({ x: 8, y: 1, w: 4, h: 1 })
  })

  it('moves what is covered below, and what that covers', () => {
    const found = arranged([widget('a', 0, 0, 6, 2), widget('b', 0, 2, 6, 2), widget('c', 6, 0, 6, 2)], 'b', {
      x: 3,
      y: 1,
      w: 6,
      h: 2,
    })
    expect(found.map(({ key, layout }) => [key, layout.x, layout.y])).toEqual([
      ['a', 0, 3],
      ['b', 3, 1],
      ['c', 6, 3],
    ])
  })

  it('finds room and a name for a new one', () => {
    const widgets = [widget('widget_2', 0, 3, 6, 4)]
    expect(below(widgets)).toEqual({ x: 0, y: 7, w: 6, h: 5 })
    expect(freeKey(widgets)).toBe('widget_3')
  })

  it('asks for one number over everything when a widget becomes a number', () => {
    const query = {
      object: 'deal',
      dimensions: [{ field: 'created_at', bucket: 'month' }],
      measures: [{ op: 'count', running: true, compare: 'year' as const }],
    }
    expect(ungrouped(query)).toEqual({ object: 'deal', measures: [{ op: 'count', compare: undefined }] })
    expect(ungrouped({ ...query, period: { field: 'created_at', is: 'this_year' } }).measures).toEqual([
      { op: 'count', compare: 'year' },
    ])
  })
})
