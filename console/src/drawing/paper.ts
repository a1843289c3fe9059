/** What nobody can point at has to be written: on paper a chart says its numbers. */
import type { EChartsCoreOption } from 'echarts/core'
import type { ChartData } from '@/areas/dashboard/series'

const MOST_LABELS = 14
const APART = { labelLayout: { hideOverlap: true } }

interface Series {
  type: string
  label?: object
  [member: string]: unknown
}

const NARROW = 480

export function onPaper(
  option: EChartsCoreOption,
  data: ChartData,
  said: string[][],
  width: number,
): EChartsCoreOption {
  const series = (option.series as Series[]).map((one, at) => ({
    ...one,
    ...(one.type === 'pie' ? parts(said, width) : written(one, at, option, data, said)),
  }))
  return { ...option, animation: false, tooltip: undefined, ...withoutLegend(series), series }
}

function written(one: Series, at: number, option: EChartsCoreOption, data: ChartData, said: string[][]): object {
  const few = data.points.length <= MOST_LABELS && data.measures.length === 1
  const say = ({ dataIndex }: { dataIndex: number }) => said[dataIndex]?.[at] ?? ''
  if (one.type === 'bar' && few) {
    const lying = (option.yAxis as { type: string }).type === 'category'
    return { label: { show: true, position: lying ? 'right' : 'top', fontSize: 10, formatter: say }, ...APART }
  }
  if (one.type === 'line' && few)
    return { label: { show: true, position: 'top', fontSize: 10, formatter: say }, ...APART }
  return {}
}

/** Names and numbers beside the parts; where there is little room, the part says how much. */
function parts(said: string[][], width: number): object {
  const narrow = width < NARROW
  return {
    center: ['50%', '50%'],
    radius: narrow ? ['26%', '46%'] : ['38%', '62%'],
    label: {
      fontSize: narrow ? 10 : 12,
      formatter: ({ name, dataIndex, percent }: { name: string; dataIndex: number; percent: number }) =>
        narrow ? `${name}\n${percent}%` : `${name}\n${said[dataIndex]?.[0] ?? ''} · ${percent}%`,
    },
    labelLine: { length: narrow ? 6 : 15, length2: narrow ? 4 : 15 },
    ...APART,
  }
}

/** A pie on paper has its names beside its parts. */
const withoutLegend = (series: Series[]) => (series.some(({ type }) => type === 'pie') ? { legend: undefined } : {})
