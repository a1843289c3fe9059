/** Objections of the server, or of a form itself, by their place: JSON pointers into what is sent. */
import type { FieldProblem } from './problem'

export type Fault = Pick<FieldProblem, 'pointer' | 'detail'>

const within = (pointer: string, place: string) => pointer === place || pointer.startsWith(`${place}/`)

/** The objections at or below a place, with pointers that begin there: for `/actions/1`, `/to/user_id`. */
export const faultsBelow = (faults: Fault[], place: string): Fault[] =>
  faults
    .filter(({ pointer }) => within(pointer, place))
    .map(({ pointer, detail }) => ({ pointer: pointer.slice(place.length), detail }))

/** What is left when a place was written anew. */
export const faultsOutside = (faults: Fault[], place: string): Fault[] =>
  faults.filter(({ pointer }) => !within(pointer, place))

/** The sentences at or below any of these places, each once. */
export function sentencesAt(faults: Fault[], ...places: string[]): string[] {
  const found = faults.filter(({ pointer }) => places.some((place) => within(pointer, place)))
  return [...new Set(found.map(({ detail }) => detail))]
}
