/** The few things of the drawing library that we speak to. Its own objects stay outside of Vue's reactivity. */

/** An element of the file: what the library calls a business object. */
export interface Part {
  $type: string
  $parent?: Part
  id: string
  name?: string
  [property: string]: any
}

/** A shape or a flow on the screen. */
export interface Shape {
  id: string
  type: string
  businessObject: Part
  parent?: Shape
  labelTarget?: Shape
  waypoints?: { x: number; y: number }[]
  x: number
  y: number
  width: number
  height: number
}

export interface Viewbox {
  x: number
  y: number
  width: number
  height: number
  inner: { x: number; y: number; width: number; height: number }
  outer: { width: number; height: number }
}

export interface Canvas {
  zoom(level?: number | 'fit-viewport', center?: 'auto' | { x: number; y: number }): number
  viewbox(box?: Pick<Viewbox, 'x' | 'y' | 'width' | 'height'>): Viewbox
  scroll(by: { dx: number; dy: number }): void
  scrollToElement(shape: Shape, padding?: number): void
  addMarker(shape: Shape, name: string): void
  removeMarker(shape: Shape, name: string): void
  getRootElement(): Shape
  resized(): void
}

export interface Services {
  canvas: Canvas
  elementRegistry: { get(id: string): Shape | undefined; filter(test: (one: Shape) => boolean): Shape[] }
  eventBus: { on(names: string | string[], priority: number, listener: (event: Happening) => void): void }
  modeling: {
    updateProperties(shape: Shape, properties: Record<string, unknown>): void
    updateModdleProperties(shape: Shape, part: Part, properties: Record<string, unknown>): void
  }
  moddle: { create(type: string, properties?: Record<string, unknown>): Part }
  bpmnFactory: { create(type: string, properties?: Record<string, unknown>): Part }
  overlays: {
    add(shape: Shape, type: string, overlay: { position: Record<string, number>; html: HTMLElement; scale?: unknown }): string
    remove(filter: { type: string }): void
  }
  selection: { select(shape: Shape | null): void; get(): Shape[] }
  commandStack: { undo(): void; redo(): void; canUndo(): boolean; canRedo(): boolean }
}

export type Happening = Record<string, any>

export interface Viewer {
  get<K extends keyof Services>(name: K): Services[K]
  importXML(xml: string): Promise<{ warnings: unknown[] }>
  saveXML(options: { format: boolean }): Promise<{ xml?: string }>
  getDefinitions(): Part
  on(names: string | string[], priority: number, listener: (event: Happening) => void): void
  destroy(): void
}
