import { describe, expect, it } from 'vitest'
import { noChoice, stepOf } from './choices'

describe('steps of a hand-over', () => {
  it('say who gets the records of an object, or which pool', () => {
    expect(stepOf('lead', { how: 'people', people: ['a', 'b'], pool: null })).toEqual([
      { object: 'lead', people: ['a', 'b'] },
    ])
    expect(stepOf('lead', { how: 'pool', people: ['a'], pool: 'p' })).toEqual([{ object: 'lead', pool_id: 'p' }])
  })

  it('leave out what stays and what nobody has chosen', () => {
    expect(stepOf('lead', undefined)).toEqual([])
    expect(stepOf('lead', noChoice())).toEqual([])
    expect(stepOf('lead', { how: 'pool', people: [], pool: null })).toEqual([])
    expect(stepOf('lead', { how: 'keep', people: ['a'], pool: 'p' })).toEqual([])
  })
})
