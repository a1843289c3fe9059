/** Takes a text/event-stream apart, whatever the chunks it arrives in. Grammar: WHATWG HTML, server-sent events. */

export interface StreamEvent {
  name: string
  data: string
}

export class EventReader {
  private rest = ''
  private name = ''
  private data: string[] = []

  /** Adds a chunk and returns the events that are complete with it. */
  push(chunk: string): StreamEvent[] {
    const lines = (this.rest + chunk).split(/\r\n|\n|\r/)
    this.rest = lines.pop() ?? ''
    return lines.flatMap((line) => this.line(line))
  }

  private line(line: string): StreamEvent[] {
    if (line === '') return this.dispatch()
    const at = line.indexOf(':')
    const field = at < 0 ? line : line.slice(0, at)
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '')
    if (field === 'event') this.name = value
    if (field === 'data') this.data.push(value)
    return []
  }

  private dispatch(): StreamEvent[] {
    const event = { name: this.name || 'message', data: this.data.join('\n') }
    const complete = this.data.length > 0
    this.name = ''
    this.data = []
    return complete ? [event] : []
  }
}
