import { afterEach, describe, expect, it, vi } from 'vitest'
import { useHistory } from './history'

describe('the history of a document', () => {
  afterEach(() => vi.useRealTimers())

  it('goes back and forth, and forgets the future on a new change', () => {
    const history = useHistory('a')
    history.change('b')
    history.change('c')
    expect(history.dirty.value).toBe(true)
    history.undo()
    history.undo()
    history.undo()
    expect([history.state.value, history.canUndo.value, history.dirty.value]).toEqual(['a', false, false])
    history.redo()
    expect(history.state.value).toBe('b')
    history.change('d')
    history.redo()
    expect([history.state.value, history.canRedo.value]).toEqual(['d', false])
  })

  it('takes quick changes of one place together', () => {
    vi.useFakeTimers()
    const history = useHistory('')
    history.change('x', 'label')
    history.change('xy', 'label')
    history.change('xy!', 'help')
    vi.advanceTimersByTime(2000)
    history.change('xy!!', 'help')
    history.undo()
    expect(history.state.value).toBe('xy!')
    history.undo()
    expect(history.state.value).toBe('xy')
    history.undo()
    expect(history.state.value).toBe('')
  })

  it('begins anew after saving', () => {
    const history = useHistory('a')
    history.change('b')
    history.reset('b')
    expect([history.canUndo.value, history.dirty.value]).toEqual([false, false])
  })
})
