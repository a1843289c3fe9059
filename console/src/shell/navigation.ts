/** What the side navigation shows: the areas' own entries around the objects that metadata names. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { RouteLocationRaw } from 'vue-router'
import type { ObjectDefinition } from '@/api/types'
import { KIND_ICONS } from '@/areas/views/model'
import { useViews } from '@/areas/views/store'
import { navItems, type NavGroup, type NavItem } from '@/areas'
import { useText } from '@/composables/text'
import { iconFor, type IconName } from '@/design/icons'
import { useCounts } from '@/stores/counts'
import { useMetadata } from '@/stores/metadata'
import { useSession } from '@/stores/session'
import { divided } from './groups'

export interface NavEntry {
  key: string
  label: string
  icon: IconName
  to: RouteLocationRaw
  count: number
  shortcut?: string
  phone: boolean
  /** A saved view below its object. */
  view?: string
}

export interface NavSection {
  key: string
  label: string
  entries: NavEntry[]
}

export function useNavigation() {
  const { t } = useI18n()
  const { text } = useText()
  const session = useSession()
  const metadata = useMetadata()
  const counts = useCounts()
  const views = useViews()

  const entryOf = (item: NavItem): NavEntry => ({
    key: item.route,
    label: t(item.label),
    icon: item.icon,
    to: { name: item.route },
    count: item.count ? counts.values[item.count] : 0,
    shortcut: item.shortcut,
    phone: item.phone ?? false,
  })

  const group = (name: NavGroup) =>
    navItems.filter((item) => item.group === name && session.can(item.permission) && (item.shown?.() ?? true)).map(entryOf)

  const divisions = computed(() =>
    divided(
      metadata.objects.filter((object) => session.mayDo(object.name, 'read') && !object.line_of),
      metadata.groups,
    ),
  )

  const entriesOf = (object: ObjectDefinition): NavEntry[] => [
    {
      key: `object-${object.name}`,
      label: text(object.plural) || text(object.label),
      icon: iconFor(object.icon, iconFor(object.name)),
      to: { name: 'records', params: { object: object.name } },
      count: 0,
      shortcut: shortcutOf(object.name),
      phone: false,
    },
    ...pinnedOf(object.name),
  ]

  const groups = computed<NavSection[]>(() =>
    divisions.value.map(({ key, group, objects }) => ({
      key: `group-${key}`,
      label: group ? text(group.label) || key : t(divisions.value.length > 1 ? 'shell.otherRecords' : 'shell.records'),
      entries: objects.flatMap(entriesOf),
    })),
  )
  const records = computed<NavEntry[]>(() => groups.value.flatMap((section) => section.entries))

  /** The views that the person pinned, below their object. */
  const pinnedOf = (object: string): NavEntry[] =>
    views.pinned
      .filter((view) => view.object === object)
      .map((view) => ({
        key: `view-${view.id}`,
        label: text(view.name),
        icon: KIND_ICONS[view.kind],
        to: { name: 'records', params: { object }, query: { view: view.id } },
        count: 0,
        phone: false,
        view: view.id,
      }))

  const sections = computed<NavSection[]>(() =>
    [
      { key: 'work', label: '', entries: group('work') },
      ...groups.value,
      { key: 'tools', label: t('shell.tools'), entries: group('tools') },
      { key: 'admin', label: t('shell.admin'), entries: group('admin') },
    ].filter((section) => section.entries.length > 0),
  )

  return { sections, records }
}

const TAKEN = new Set(navItems.map((item) => item.shortcut))

function shortcutOf(object: string): string | undefined {
  return [...object].find((letter) => !TAKEN.has(letter))
}
