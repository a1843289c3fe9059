/**
 * Uploads in pieces. The server says how far an upload has come; after a lost connection the rest is sent from there,
 * also when the page was closed in between: which upload belongs to which file is remembered in the browser.
 */
import { ProblemError, UnreachableError } from '@/api/problem'
import type { ImportRun, LargeUpload } from './api'

export interface Progress {
  sent: number
  total: number
  /** There is no answer at the moment; it goes on by itself. */
  waiting: boolean
}

export interface UploadServer {
  begin(object: string, file: File): Promise<LargeUpload>
  look(id: string): Promise<LargeUpload>
  send(id: string, offset: number, piece: Blob): Promise<LargeUpload>
  finish(id: string): Promise<ImportRun>
}

export interface Course {
  server: UploadServer
  tell: (progress: Progress) => void
  signal: AbortSignal
  memory?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  pause?: (ms: number) => Promise<void>
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 20_000
const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

/** Sends a file in pieces; returns the import that it became. Throws what no second try helps against. */
export async function uploadInPieces(object: string, file: File, course: Course): Promise<ImportRun> {
  const memory = course.memory ?? localStorage
  const name = `freehold.upload|${object}|${file.name}|${file.size}|${file.lastModified}`
  const nothing = progressOf(file, 0)
  const begun = await lasting(course, () => known(memory.getItem(name), course.server), nothing)
  let upload: LargeUpload = begun ?? (await lasting(course, () => course.server.begin(object, file), nothing))
  memory.setItem(name, upload.id)
  const { id } = upload
  try {
    while (upload.received < file.size) {
      const { received, piece } = upload
      course.tell(progressOf(file, received))
      upload = await lasting(
        course,
        () => sendFrom(course.server, id, received, file.slice(received, received + piece)),
        progressOf(file, received),
      )
    }
    course.tell(progressOf(file, file.size))
    return await lasting(course, () => course.server.finish(id), progressOf(file, file.size))
  } finally {
    if (!course.signal.aborted) memory.removeItem(name)
  }
}

/** The upload that was begun for this file before, if it still stands. */
async function known(id: string | null, server: UploadServer): Promise<LargeUpload | null> {
  if (!id) return null
  return server.look(id).catch((problem) => {
    if (problem instanceof ProblemError && problem.status === 404) return null
    throw problem
  })
}

/** Sends a piece; when the server stands elsewhere (an answer was lost), what it says counts. */
async function sendFrom(server: UploadServer, id: string, offset: number, piece: Blob): Promise<LargeUpload> {
  try {
    return await server.send(id, offset, piece)
  } catch (problem) {
    if (problem instanceof ProblemError && problem.code === 'upload_offset') return server.look(id)
    throw problem
  }
}

/** Tries until it works; only what the server refuses for good, or a stop, ends it. */
async function lasting<T>(course: Course, work: () => Promise<T>, progress: Progress): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    course.signal.throwIfAborted()
    try {
      return await work()
    } catch (problem) {
      if (!passes(problem)) throw problem
      course.tell({ ...progress, waiting: true })
      await (course.pause ?? sleep)(pause)
    }
  }
}

const passes = (problem: unknown) =>
  problem instanceof UnreachableError ||
  (problem instanceof ProblemError &&
    [429, 502, 503, 504].includes(problem.status) &&
    problem.code !== 'too_many_uploads')

const progressOf = (file: File, sent: number): Progress => ({ sent, total: file.size, waiting: false })
