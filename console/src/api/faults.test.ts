import { describe, expect, it } from 'vitest'
import { faultsBelow, faultsOutside, sentencesAt } from './faults'

const faults = [
  { pointer: '/actions/1/to/user_id', detail: 'Nobody' },
  { pointer: '/actions/10/type', detail: 'Unknown' },
  { pointer: '/name', detail: 'Nameless' },
]

describe('objections by place', () => {
  it('are found at and below it, and nowhere else', () => {
    expect(faultsBelow(faults, '/actions/1')).toEqual([{ pointer: '/to/user_id', detail: 'Nobody' }])
    expect(sentencesAt(faults, '/name', '/actions/10')).toEqual(['Unknown', 'Nameless'])
  })

  it('go when the place is written anew', () => {
    expect(faultsOutside(faults, '/actions').map(({ detail }) => detail)).toEqual(['Nameless'])
  })
})
