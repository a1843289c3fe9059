/** What ECharts is asked to draw: pure, so that browsers and servers draw the same. */
import type { EChartsCoreOption } from 'echarts/core'
import type { WidgetKind } from './api'
import { heightOf, type ChartData } from './series'

export interface Look {
  ink: string
  line: string
  surface: string
  font: string
  palette: string[]
}

export interface Words {
  /** A value as people read it. */
  say: (value: string | null, measure: number) => string
  /** A number of an axis. */
  short: (value: number) => string
}

/** The colours behind those that a theme names. */
export const MORE_COLOURS = ['#7c6bb0', '#c0655a', '#4f9a94', '#8b9a46', '#a77a4c', '#5d7187']

type Say = Words['say']

export function optionOf(
  kind: WidgetKind,
  data: ChartData,
  look: Look,
  { say, short }: Words,
  narrow: boolean,
  target = 0,
): EChartsCoreOption {
  const base = { color: look.palette, textStyle: { color: look.ink, fontFamily: look.font }, animationDuration: 300 }
  if (kind === 'pie') return { ...base, ...pie(data, look, say, narrow) }
  if (kind === 'funnel') return { ...base, ...funnel(data, look, say) }
  if (kind === 'gauge') return { ...base, ...gauge(data, look, say, target) }
  return { ...base, ...cartesian(kind, data, look, { say, short }) }
}

function tooltip(look: Look, trigger: 'item' | 'axis') {
  return {
    trigger,
    backgroundColor: look.surface,
    borderColor: look.line,
    textStyle: { color: look.ink },
    confine: true,
    appendTo: 'body',
  }
}

function cartesian(kind: WidgetKind, data: ChartData, look: Look, { say, short }: Words) {
  const lying = kind === 'bar' && data.points.some((point) => point.label.length > 6) && data.points.length > 5
  const names = {
    type: 'category',
    data: data.points.map((point) => point.label),
    inverse: lying,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: look.line } },
    axisLabel: { color: look.ink, hideOverlap: true },
  }
  const numbers = {
    type: 'value',
    splitLine: { lineStyle: { color: look.line } },
    axisLabel: { color: look.ink, formatter: short },
  }
  return {
    tooltip: tooltip(look, 'axis'),
    legend: data.measures.length > 1 ? { bottom: 0, textStyle: { color: look.ink }, icon: 'roundRect' } : undefined,
    grid: { left: 8, right: 16, top: 14, bottom: data.measures.length > 1 ? 30 : 4, containLabel: true },
    xAxis: lying ? numbers : names,
    yAxis: lying ? names : numbers,
    series: data.measures.map((measure, index) => ({
      name: measure.label,
      type: kind === 'line' ? 'line' : 'bar',
      smooth: 0.25,
      symbolSize: 6,
      barMaxWidth: 26,
      areaStyle: kind === 'line' ? { opacity: 0.08 } : undefined,
      itemStyle: { borderRadius: lying ? [0, 4, 4, 0] : [4, 4, 0, 0] },
      tooltip: { valueFormatter: (_: unknown, at: number) => say(data.points[at]?.values[index] ?? null, index) },
      data: data.points.map((point) => heightOf(point.values[index])),
    })),
  }
}

function pie(data: ChartData, look: Look, say: Say, narrow: boolean) {
  return {
    tooltip: {
      ...tooltip(look, 'item'),
      formatter: (at: { dataIndex: number; percent?: number; name: string }) =>
        `${at.name}<br><b>${say(data.points[at.dataIndex]?.values[0] ?? null, 0)}</b> · ${at.percent}%`,
    },
    legend: {
      type: 'scroll',
      ...(narrow ? { bottom: 0 } : { orient: 'vertical', right: 4, top: 'middle' }),
      textStyle: { color: look.ink },
      icon: 'circle',
      itemWidth: 9,
      itemHeight: 9,
    },
    series: [
      {
        type: 'pie',
        radius: ['50%', '76%'],
        center: narrow ? ['50%', '42%'] : ['34%', '50%'],
        label: { show: false },
        itemStyle: { borderColor: look.surface, borderWidth: 2 },
        data: data.points.map((point) => ({ name: point.label, value: heightOf(point.values[0]) })),
      },
    ],
  }
}

function funnel(data: ChartData, look: Look, say: Say) {
  return {
    tooltip: {
      ...tooltip(look, 'item'),
      formatter: (at: { dataIndex: number; name: string }) =>
        `${at.name}<br><b>${say(data.points[at.dataIndex]?.values[0] ?? null, 0)}</b>`,
    },
    series: [
      {
        type: 'funnel',
        sort: 'none',
        left: '4%',
        right: '4%',
        top: 8,
        bottom: 8,
        minSize: '42%',
        gap: 3,
        label: {
          position: 'inside',
          color: '#fff',
          formatter: (at: { dataIndex: number; name: string }) =>
            `${at.name}  ${say(data.points[at.dataIndex]?.values[0] ?? null, 0)}`,
        },
        itemStyle: { borderWidth: 0 },
        data: data.points.map((point) => ({ name: point.label, value: heightOf(point.values[0]) })),
      },
    ],
  }
}

/** How much of the target is there; more than all of it fills the arc and is said in the number. */
function gauge(data: ChartData, look: Look, say: Say, target: number) {
  const value = data.points[0]?.values[0] ?? null
  const part = target > 0 ? heightOf(value) / target : 0
  const band = { width: 14, roundCap: true }
  return {
    series: [
      {
        type: 'gauge',
        startAngle: 200,
        endAngle: -20,
        min: 0,
        max: 1,
        radius: '96%',
        center: ['50%', '62%'],
        progress: { show: true, ...band, itemStyle: { color: part >= 1 ? look.palette[0] : look.palette[1] } },
        axisLine: { roundCap: true, lineStyle: { width: band.width, color: [[1, look.line]] } },
        pointer: { show: false },
        axisTick: { show: false },
        splitLine: { show: false },
        axisLabel: { show: false },
        title: { offsetCenter: [0, '28%'], color: look.ink, fontSize: 12 },
        detail: {
          offsetCenter: [0, 0],
          color: look.ink,
          fontSize: 22,
          fontWeight: 600,
          formatter: () => say(value, 0),
        },
        data: [
          {
            value: Math.max(0, Math.min(1, part)),
            name: ['ratio', 'percent'].includes(data.measures[0]?.type ?? '') ? '' : `${Math.round(part * 100)}%`,
          },
        ],
      },
    ],
  }
}
