/**
 * The tabs of an object's page. Any area adds some with a file `objectTabs.ts` beside its `routes.ts`, whose default
 * export is a list of them; nothing else has to be edited. A tab gets the definition as `object` and says `changed` once
 * it has saved something, so that the page reads the definition anew.
 */
import type { Component } from 'vue'

export interface ObjectTab {
  /** Its word in the address: `admin/objects/lead/fields`. */
  key: string
  /** Key of the label: `objects.tab.fields`. */
  label: string
  /** Order among the tabs: general 10, fields 20, bin 90. */
  position: number
  component: () => Promise<{ default: Component }>
}

const found = import.meta.glob<{ default: ObjectTab[] }>('../*/objectTabs.ts', { eager: true })

export const objectTabs: ObjectTab[] = Object.values(found)
  .flatMap((module) => module.default)
  .sort((one, other) => one.position - other.position)
