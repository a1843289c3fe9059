/**
 * Our own line icons: strokes on a 24 × 24 grid. Names that objects may use in their metadata are among them;
 * an unknown name is shown as `box`.
 */
export const ICONS = {
  activity: 'M3 12h4l3-8 4 16 3-8h4',
  archive: 'M3 4h18v5H3zM5 9v11h14V9M10 13h4',
  arrowDown: 'M12 5v14M6 13l6 6 6-6',
  arrowLeft: 'M19 12H5M11 6l-6 6 6 6',
  arrowRight: 'M5 12h14M13 6l6 6-6 6',
  arrowUp: 'M12 19V5M6 11l6-6 6 6',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5a2.2 2.2 0 0 0 4 0',
  bolt: 'M13 3 5 13.5h6L10 21l9-11h-6.5z',
  box: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9',
  briefcase: 'M3 8h18v12H3zM8 8V5h8v3M3 13h18',
  building: 'M5 21V3h9v18M14 9h5v12M3 21h18M8 7h3M8 11h3M8 15h3',
  calendar: 'M4 5.5h16V20H4zM4 10h16M8 3v4M16 3v4',
  chart: 'M4 20V4M4 20h16M8.5 16v-5M13 16V7M17.5 16v-3',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checkSquare: 'M4 4h16v16H4zM8 12l3 3 5-6',
  chevronDown: 'M6 9.5l6 6 6-6',
  chevronLeft: 'M14.5 6l-6 6 6 6',
  chevronRight: 'M9.5 6l6 6-6 6',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2',
  close: 'M6 6l12 12M18 6L6 18',
  columns: 'M4 5h16v14H4zM9.5 5v14M14.5 5v14',
  contact: 'M4 4h16v16H4zM12 8a2.6 2.6 0 1 0 0 5.2A2.6 2.6 0 0 0 12 8zM7.5 18.5c.8-2 2.4-3 4.5-3s3.7 1 4.5 3',
  convert: 'M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4',
  copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
  dashboard: 'M4 4h7v9H4zM13.5 4H20v5h-6.5zM13.5 12H20v8h-6.5zM4 16h7v4H4z',
  download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  edit: 'M4 20l1-4.5L16 4.5 19.5 8 8.5 19zM14 6.5l3.5 3.5',
  eye: 'M2.5 12C5 7.5 8.3 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.8 6.5-9.5 6.5S5 16.5 2.5 12zM12 9.200a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.600z',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  filter: 'M4 5h16l-6 8v5l-4 2v-7z',
  funnel: 'M3 5h18M6 10h12M8.5 15h7M10.5 20h3',
  globe:
    'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c3 2.6 3.8 5.4 3.8 8.5S15 17.9 12 20.5C9 17.9 8.2 15.1 8.2 12S9 6.1 12 3.5z',
  grip: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  handshake: 'M3 8l4-2 5 2 5-2 4 2v8l-3 1-6 4-6-4-3-1zM12 8l-3 4 2 1.5 3-2 4 4',
  home: 'M4 11l8-7 8 7v9h-5.5v-6h-5v6H4z',
  inbox: 'M4 14l3-9h10l3 9v5H4zM4 14h5l1 2.5h4l1-2.5h5',
  info: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5M12 8h.01',
  key: 'M8 11.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 13l8.5-8.5M16 8l3 3M13.5 10.5l2 2',
  layers: 'M12 4l9 4.5-9 4.5-9-4.5zM3 13l9 4.5 9-4.5',
  link: 'M10 14a4 4 0 0 1 0-5.700l3-3a4 4 0 0 1 5.7 5.700l-1.5 1.5M14 10a4 4 0 0 1 0 5.700l-3 3A4 4 0 0 1 5.3 13l1.5-1.5',
  list: 'M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01',
  lock: 'M5 11h14v9.5H5zM8 11V8a4 4 0 0 1 8 0v3M12 15v2',
  mail: 'M3 5.5h18v13H3zM3 7l9 6.5L21 7',
  mapPin:
    'M12 21c4.5-4.5 6.7-7.9 6.7-11A6.7 6.7 0 0 0 5.3 10c0 3.1 2.2 6.5 6.7 11zM12 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  menu: 'M4 7h16M4 12h16M4 17h16',
  message: 'M4 5h16v11H10l-4.5 4v-4H4z',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  more: 'M4.8 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M11.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M17.8 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0',
  note: 'M5 4h14v11l-5 5H5zM14 20v-5h5M8 8.5h8M8 12h5',
  phone:
    'M6 3.5h3.5l1.5 4.5-2 1.5a12 12 0 0 0 5.5 5.5l1.5-2 4.5 1.5V18a2.5 2.5 0 0 1-2.5 2.5C10 20.5 3.5 14 3.5 6A2.5 2.5 0 0 1 6 3.5z',
  plus: 'M12 5v14M5 12h14',
  pulse: 'M3 12h4l2.5-6 4.5 12 2.5-6H21',
  redo: 'M15 14l5-5-5-5M20 9H9.5a5.5 5.5 0 0 0 0 11H13',
  refresh: 'M19.5 9A8 8 0 0 0 5 8.5M4.5 4.5V9H9M4.5 15a8 8 0 0 0 14.5.5M19.5 19.5V15H15',
  rule: 'M5 4h6v6H5zM13 14h6v6h-6zM8 10v7h5M14 7h5M16.5 4.5L19 7l-2.5 2.5',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20.5 20.5',
  send: 'M4 12L20.5 4 15 20.5l-3.5-6.5zM11.5 14l9-10',
  settings:
    'M4 7h10M18 7h2M4 17h2M10 17h10M16 4.800a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.400zM8 14.800a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.400z',
  shield: 'M12 3.5l7.5 3v5c0 4.5-3 7.7-7.5 9.5-4.5-1.8-7.5-5-7.5-9.5v-5zM8.5 12l2.5 2.5 4.5-5',
  sidebar: 'M4 5h16v14H4zM9.5 5v14',
  signOut: 'M14 4H5v16h9M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5',
  sort: 'M8 5v14M4.5 15.5L8 19l3.5-3.5M16 19V5M12.5 8.5L16 5l3.5 3.5',
  star: 'M12 4l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4',
  tag: 'M4 4h8l8.5 8.5-8 8L4 12zM8 8h.01',
  target: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM12 12h.01',
  trash: 'M4.5 7h15M9.5 7V4h5v3M6.5 7l1 13.5h9l1-13.5M10.5 11v6M13.5 11v6',
  tree: 'M9 3.5h6V8H9zM3.5 16h6v4.5h-6zM14.5 16h6v4.5h-6zM12 8v4M6.5 16v-4h11v4',
  undo: 'M9 14L4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11',
  upload: 'M12 16V5M7 9l5-5 5 5M4 20h16',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c1-4 3.7-6 7.5-6s6.5 2 7.5 6',
  users:
    'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 19.5c.8-3.3 3-5 6.5-5s5.7 1.7 6.5 5M15.5 5.300a3.3 3.3 0 0 1 0 6.400M17.5 14.800c2.2.6 3.5 2.2 4 4.7',
  warning: 'M12 4l9 16H3zM12 10v4.5M12 17.300h.01',
} as const

export type IconName = keyof typeof ICONS

const ALIASES: Record<string, IconName> = {
  lead: 'funnel',
  customer: 'building',
  account: 'building',
  company: 'building',
  person: 'contact',
  opportunity: 'target',
  deal: 'handshake',
  task: 'checkSquare',
  'check-square': 'checkSquare',
  'map-pin': 'mapPin',
  'bar-chart': 'chart',
  'id-card': 'contact',
  'user-plus': 'funnel',
  'message-square': 'message',
  'trending-up': 'chart',
  history: 'clock',
  magnet: 'funnel',
  'office-building': 'building',
  'trend-charts': 'target',
  'chat-line-round': 'message',
}

/** The icon for a name out of metadata; `box` when nobody knows it. */
export function iconFor(name: string | null | undefined, fallback: IconName = 'box'): IconName {
  if (!name) return fallback
  if (name in ICONS) return name as IconName
  return ALIASES[name] ?? fallback
}
