/** Files without a diagram get one: laid out tidily here, since not every tool, and nobody by hand, writes one. */

const SHAPE = /<(?:[\w.-]+:)?BPMNShape[\s>]/

export const hasDiagram = (xml: string) => SHAPE.test(xml)

export async function withDiagram(xml: string): Promise<string> {
  if (hasDiagram(xml)) return xml
  const { layoutProcess } = await import('bpmn-auto-layout')
  return layoutProcess(xml)
}
