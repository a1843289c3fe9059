/** Widgets on the grid while a board is being arranged. */
import type { Place, Widget, WidgetQuery } from './api'

export const COLUMNS = 12
const MOST_ROWS = 24

const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))

/** The place so many columns and rows further, kept on the grid. */
export function moved(place: Place, columns: number, rows: number): Place {
  return { ...place, x: within(place.x + columns, 0, COLUMNS - place.w), y: within(place.y + rows, 0, 200) }
}

/** The place with so many more columns and rows. */
export function resized(place: Place, columns: number, rows: number): Place {
  return { ...place, w: within(place.w + columns, 1, COLUMNS - place.x), h: within(place.h + rows, 1, MOST_ROWS) }
}

const meet = (one: Place, other: Place) =>
  one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h

/** The widgets where the one of the key has a new place; those it now covers make room below. */
export function arranged(widgets: Widget[], key: string, place: Place): Widget[] {
  const settled: Widget[] = []
  const order = [...widgets].sort((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x)
  const first = order.filter((one) => one.key === key).map((one) => ({ ...one, layout: place }))
  for (const one of [...first, ...order.filter((other) => other.key !== key)]) {
    let layout = one.layout
    for (
      let hit = settled.find((other) => meet(other.layout, layout));
      hit;
      hit = settled.find((other) => meet(other.layout, layout))
    )
      layout = { ...layout, y: hit.layout.y + hit.layout.h }
    settled.push({ ...one, layout })
  }
  const places = new Map(settled.map((one) => [one.key, one]))
  return widgets.map((one) => places.get(one.key) ?? one)
}

/** A place below all others. */
export function below(widgets: Widget[]): Place {
  return { x: 0, y: Math.max(0, ...widgets.map(({ layout }) => layout.y + layout.h)), w: 6, h: 5 }
}

/** A key that no widget has. */
export function freeKey(widgets: Widget[]): string {
  for (let number = widgets.length + 1; ; number++) {
    const key = `widget_${number}`
    if (!widgets.some((one) => one.key === key)) return key
  }
}

/** The question without groups, for one number over everything; nothing adds up over periods then. */
export function ungrouped({ dimensions: _, ...query }: WidgetQuery): WidgetQuery {
  return {
    ...query,
    measures: query.measures?.map(({ running: __, ...measure }) =>
      query.period ? measure : { ...measure, compare: undefined },
    ),
  }
}
