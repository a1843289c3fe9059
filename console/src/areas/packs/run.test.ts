import { describe, expect, it } from 'vitest'
import type { PackRun } from './api'
import { isGoing, openRuns, putAside } from './run'

const run = (id: string, pack: string, state: PackRun['state']): PackRun => ({
  id,
  pack,
  state,
  kind: 'installation',
  version: '1.0.0',
  label: { en: pack },
  progress: { done: 0, total: 1 },
  problem: null,
  left: [],
})

describe('runs that are open', () => {
  it('are those that go on or have failed, the newest of each pack', () => {
    const runs = [
      run('4', 'retail', 'installing'),
      run('3', 'yard', 'finished'),
      run('2', 'yard', 'failed'),
      run('1', 'plant', 'failed'),
      run('0', 'retail', 'failed'),
    ]
    expect(openRuns(runs).map((one) => one.id)).toEqual(['4', '1'])
  })

  it('are no more once a failed one was put aside, but what goes on stays', () => {
    const [failed, going] = [run('a', 'plant', 'failed'), run('b', 'yard', 'removing')]
    putAside(failed)
    putAside(going)
    expect(openRuns([failed, going])).toEqual([going])
    expect(isGoing(going)).toBe(true)
  })
})
