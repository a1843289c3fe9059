/** A BPMN file for the person's own disk. */
export function download(xml: string, name: string, version: number): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([xml], { type: 'application/xml' }))
  link.download = `${name}-${version}.bpmn`
  link.click()
  URL.revokeObjectURL(link.href)
}
