/**
 * A file on the screen: to be looked at, or drawn. The library comes with the first diagram that is opened, the part
 * that draws only where something is drawn.
 */
import 'bpmn-js/dist/assets/diagram-js.css'
import 'bpmn-js/dist/assets/bpmn-js.css'
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css'
import type { Locale } from '@/api/types'
import { FREEHOLD } from './descriptor'
import { withDiagram } from './layout'
import { FILE_LANGUAGE, showNames } from './names'
import { offered } from './offered'
import type { Canvas, Services, Viewer } from './types'

const READABLE = 0.72
const MARGIN = 24

export interface Opening {
  host: HTMLElement
  xml: string
  locale: Locale
  editable?: boolean
}

const COLOURS = {
  defaultFillColor: 'var(--fh-surface)',
  defaultStrokeColor: 'var(--fh-ink)',
  defaultLabelColor: 'var(--fh-ink)',
}

/** Shows a file; throws when it is none that can be shown. */
export async function openDrawing({ host, xml, locale, editable }: Opening): Promise<Viewer> {
  const [whole, made] = await Promise.all([withDiagram(xml), editable ? import('./modeler') : import('./viewer')])
  const Library = made.default as unknown as new (options: object) => Viewer
  const viewer = new Library({
    container: host,
    moddleExtensions: { freehold: FREEHOLD },
    bpmnRenderer: COLOURS,
    additionalModules: [...(await wordsOf(locale)), ...(editable ? [offered] : [])],
  })
  viewer.on('import.parse.complete', 2000, ({ definitions }) => definitions && showNames(definitions, locale))
  try {
    await viewer.importXML(whole)
  } catch (problem) {
    viewer.destroy()
    throw problem
  }
  settle(viewer.get('canvas'))
  return viewer
}

/** The file as it is drawn now. */
export async function fileOf(viewer: Viewer, locale: Locale): Promise<string> {
  const definitions = viewer.getDefinitions()
  showNames(definitions, FILE_LANGUAGE)
  try {
    return (await viewer.saveXML({ format: true })).xml ?? ''
  } finally {
    showNames(definitions, locale)
  }
}

/** As large as fits, but never too small to be read: then the beginning is shown, and the rest is moved to. */
export function settle(canvas: Canvas): void {
  canvas.resized()
  const level = Math.min(1, Math.max(READABLE, canvas.zoom('fit-viewport')))
  const { inner, outer } = canvas.viewbox()
  const [width, height] = [outer.width / level, outer.height / level]
  canvas.viewbox({ x: begin(inner.x, inner.width, width), y: begin(inner.y, inner.height, height), width, height })
}

const begin = (at: number, length: number, room: number) =>
  length + 2 * MARGIN < room ? at - (room - length) / 2 : at - MARGIN

export const service = <K extends keyof Services>(viewer: Viewer, name: K): Services[K] => viewer.get(name)

/** What the library says, in the language of the console. */
async function wordsOf(locale: Locale): Promise<object[]> {
  const { default: words } = locale === 'zh-CN' ? await import('./words.zh-CN.json') : await import('./words.en.json')
  const known: Record<string, string> = words
  const translate = (template: string, values: Record<string, string> = {}) =>
    (known[template] ?? template).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)
  return [{ translate: ['value', translate] }]
}
