/**
 * Areas: self-contained parts of the console. An area is a folder with `routes.ts` (default export: an Area), its pages,
 * components and locales. It is found by its place; nothing else has to be edited to add one.
 */
import type { RouteRecordRaw } from 'vue-router'
import type { IconName } from '@/design/icons'
import type { CountKey } from '@/stores/counts'

export type NavGroup = 'work' | 'tools' | 'admin'

export interface NavItem {
  /** Name of the route it opens. */
  route: string
  /** Key of the label: `tasks.nav`. */
  label: string
  icon: IconName
  group: NavGroup
  /** Order inside the group. */
  position: number
  /** Shown only to people with one of these permissions of a role. */
  permission?: string | string[]
  /** Number shown beside it. */
  count?: CountKey
  /** Second key after `g`. */
  shortcut?: string
  /** Also in the bottom bar of a phone. */
  phone?: boolean
  /** Whether there is anything to see there; asked again when what it reads has changed. */
  shown?: () => boolean
}

export interface Area {
  routes: RouteRecordRaw[]
  nav?: NavItem[]
}

const found = import.meta.glob<{ default: Area }>('./*/routes.ts', { eager: true })

export const areas: Area[] = Object.values(found).map((module) => module.default)

export const navItems: NavItem[] = areas.flatMap((area) => area.nav ?? []).sort((a, b) => a.position - b.position)
