/** Which rows of a long list are in the page. */

export const ROW_HEIGHT = 40
export const CHECK_WIDTH = 44
const HEAD_HEIGHT = 36
const AROUND = 8

/** The rows from `first` until just before `last`: what is seen, and some around it so that scrolling stays smooth. */
export function visibleRows(top: number, height: number, count: number): { first: number; last: number } {
  const first = Math.max(0, Math.floor((top - HEAD_HEIGHT) / ROW_HEIGHT) - AROUND)
  const last = Math.min(count, Math.ceil((top + height) / ROW_HEIGHT) + AROUND)
  return { first: Math.min(first, last), last }
}
