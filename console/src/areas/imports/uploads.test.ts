import { describe, expect, it } from 'vitest'
import { ProblemError, UnreachableError } from '@/api/problem'
import type { ImportRun, LargeUpload } from './api'
import { uploadInPieces, type Progress, type UploadServer } from './uploads'

const PIECE = 4

/** A server that keeps what it gets, and whose answers or connections are lost when the test says so. */
class Flaky implements UploadServer {
  kept = ''
  begun = 0
  lose: ('before' | 'after' | null)[] = []

  private state = (): LargeUpload => ({ id: 'u1', received: this.kept.length, size: 10, piece: PIECE })

  begin = async () => {
    this.begun += 1
    return this.state()
  }

  look = async (id: string) => {
    if (!this.begun) throw new ProblemError(404, { code: 'not_found', title: id }, new Headers())
    return this.state()
  }

  send = async (_: string, offset: number, piece: Blob) => {
    const lost = this.lose.shift()
    if (lost === 'before') throw new UnreachableError(null)
    if (offset !== this.kept.length) throw new ProblemError(409, { code: 'upload_offset' }, new Headers())
    this.kept += await piece.text()
    if (lost === 'after') throw new UnreachableError(null)
    return this.state()
  }

  finish = async () => ({ id: 'i1' }) as ImportRun
}

const FILE = new File(['0123456789'], 'large.csv', { lastModified: 1 })

function courseOf(server: UploadServer, stop = new AbortController()) {
  const kept = new Map<string, string>()
  const told: Progress[] = []
  const memory = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  }
  return {
    kept,
    told,
    stop,
    course: {
      server,
      memory,
      tell: (one: Progress) => void told.push(one),
      signal: stop.signal,
      pause: async () => {},
    },
  }
}

describe('an upload in pieces', () => {
  it('sends everything once', async () => {
    const server = new Flaky()
    const { course, told, kept } = courseOf(server)
    expect((await uploadInPieces('lead', FILE, course)).id).toBe('i1')
    expect(server.kept).toBe('0123456789')
    expect(told.map(({ sent }) => sent)).toEqual([0, 4, 8, 10])
    expect(kept.size).toBe(0)
  })

  it('goes on after lost connections and lost answers', async () => {
    const server = new Flaky()
    server.lose = [null, 'before', 'after', null]
    const { course, told } = courseOf(server)
    await uploadInPieces('lead', FILE, course)
    expect(server.kept).toBe('0123456789')
    expect(told.filter(({ waiting }) => waiting)).toHaveLength(2)
  })

  it('goes on with an upload that was begun before', async () => {
    const server = new Flaky()
    const first = courseOf(server)
    server.lose = [null, 'before']
    await expect(
      uploadInPieces('lead', FILE, { ...first.course, pause: async () => first.stop.abort() }),
    ).rejects.toThrow()
    expect([server.kept, first.kept.size]).toEqual(['0123', 1])

    await uploadInPieces('lead', FILE, { ...first.course, signal: new AbortController().signal })
    expect([server.kept, server.begun]).toEqual(['0123456789', 1])
  })

  it('ends with what the server refuses for good', async () => {
    const server = new Flaky()
    const { course } = courseOf({
      ...server,
      finish: async () => {
        throw new ProblemError(422, { code: 'sheet_not_recognised' }, new Headers())
      },
    })
    await expect(uploadInPieces('lead', FILE, course)).rejects.toMatchObject({ status: 422 })
  })
})
