/** ECharts with the parts that the boards need, in the console's own colours and language. */
import { BarChart, FunnelChart, GaugeChart, LineChart, PieChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { MORE_COLOURS, type Look } from './options'

use([
  BarChart,
  FunnelChart,
  GaugeChart,
  LineChart,
  PieChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  SVGRenderer,
])

export { init }

/** Reads the present theme from the document. */
export function currentLook(): Look {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    ink: token('--fh-ink-2'),
    line: token('--fh-line'),
    surface: token('--fh-surface'),
    font: token('--fh-font'),
    palette: [token('--fh-primary'), token('--fh-accent'), token('--fh-info'), ...MORE_COLOURS],
  }
}

/** A number of an axis, in the language of the page. */
export function short(value: number): string {
  return new Intl.NumberFormat(document.documentElement.lang || 'en', {
    notation: 'compact',
    maximumFractionDigits: 1,
  }).format(value)
}
