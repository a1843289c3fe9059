/**
 * Charts without a browser: the options of the boards, drawn to SVG. The build makes one script of this, which the
 * report service runs; it finds nothing there but the language itself: no document, no timers, no Intl.
 */
import { init } from '@/areas/dashboard/chart'
import type { WidgetKind } from '@/areas/dashboard/api'
import { optionOf, type Look } from '@/areas/dashboard/options'
import type { ChartData } from '@/areas/dashboard/series'
import { onPaper } from './paper'
import { compact } from './numbers'

interface Order {
  kind: WidgetKind
  data: ChartData
  /** What people read, per point and measure. */
  said: string[][]
  target: number
  look: Look
  locale: string
  width: number
  height: number
}

const NARROW = 420

/** Orders and drawings are JSON: an `Order` in, a text of SVG out. */
function draw(asked: string): string {
  const { kind, data, said, target, look, locale, width, height } = JSON.parse(asked) as Order
  const words = {
    // options ask with the value of a point they know by its place; values that are equal are said alike
    say: sayer(data, said),
    short: (value: number) => compact(value, locale),
  }
  const chart = init(null, undefined, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption(onPaper(optionOf(kind, data, look, words, width < NARROW, target), data, said, width))
    return JSON.stringify(chart.renderToSVGString())
  } finally {
    chart.dispose()
  }
}

function sayer(data: ChartData, said: string[][]) {
  const known = new Map<string, string>()
  data.points.forEach((point, row) =>
    point.values.forEach((value, at) => known.set(`${at} ${value}`, said[row]?.[at] ?? '')),
  )
  return (value: string | null, measure: number) => known.get(`${measure} ${value}`) ?? ''
}

// what is drawn at once has nothing to wait for
Object.assign(globalThis, { freeholdDraw: draw, setTimeout: () => 0, clearTimeout: () => undefined })
