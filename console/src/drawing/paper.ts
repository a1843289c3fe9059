/** What nobody can point at has to be written: on paper a chart says its numbers. */
import type { EChartsCoreOption } from 'echarts/core'
import type { ChartData } from '@/areas/dashboard/series'

const MOST_LABELS = 14

interface Series {
  type: string
  label?: object
  [member: string]: unknown
}

export function onPaper(option: EChartsCoreOption, data: ChartData, said: string[][]): EChartsCoreOption {
  const series = (option.series as Series[]).map((one, at) => ({ ...one, ...written(one, at, option, data, said) }))
  return { ...option, animation: false, tooltip: undefined, ...withoutLegend(series), series }
}

function written(one: Series, at: number, option: EChartsCoreOption, data: ChartData, said: string[][]): object {
  const few = data.points.length <= MOST_LABELS && data.measures.length === 1
  const say = ({ dataIndex }: { dataIndex: number }) => said[dataIndex]?.[at] ?? ''
  if (one.type === 'pie')
    return {
      center: ['50%', '50%'],
      radius: ['38%', '62%'],
      label: {
        formatter: ({ name, dataIndex, percent }: { name: string; dataIndex: number; percent: number }) =>
          `${name}\n${said[dataIndex]?.[0] ?? ''} · ${percent}%`,
      },
    }
  if (one.type === 'bar' && few) {
    const lying = (option.yAxis as { type: string }).type === 'category'
    return { label: { show: true, position: lying ? 'right' : 'top', fontSize: 10, formatter: say } }
  }
  if (one.type === 'line' && few) return { label: { show: true, position: 'top', fontSize: 10, formatter: say } }
  return {}
}

/** A pie on paper has its names beside its parts. */
const withoutLegend = (series: Series[]) => (series.some(({ type }) => type === 'pie') ? { legend: undefined } : {})
