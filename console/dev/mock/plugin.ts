import type { Plugin } from 'vite'

/** Answers the REST surface from memory while screens are made. Never part of a build. */
export function mockApi(): Plugin {
  return { name: 'freehold-mock' }
}
