/** Attached files: sent for a field of an object, fetched with the person's own rights. */
import { inject, onScopeDispose, provide, ref, watch, type InjectionKey, type Ref } from 'vue'
import { download, newIdempotencyKey, send } from '@/api/http'
import type { StoredFile } from '@/api/types'

const BASE = '/api/customer/v1/files'
const OBJECT: InjectionKey<() => string> = Symbol('object of the form')

/** Tells the inputs below which object's record they write. */
export const provideObject = (object: () => string) => provide(OBJECT, object)

/** The object whose record is written; empty where no file can be sent. */
export const useObject = () => inject(OBJECT, () => '')

export async function uploadFile(object: string, field: string, file: File): Promise<StoredFile> {
  const query = { object, field, name: file.name }
  const response = await send('POST', BASE, { query, body: file, idempotencyKey: newIdempotencyKey() })
  return (await response.json()) as StoredFile
}

export const downloadFile = (file: StoredFile) => download('GET', `${BASE}/${file.id}`, file.name)

export const isPicture = (file: StoredFile) => /^image\/(png|jpeg|gif|webp|bmp|avif)$/.test(file.type)

/** An address of a picture for this page alone; it is given back when the component goes. */
export function usePicture(file: () => StoredFile): Ref<string> {
  const url = ref('')
  const release = () => url.value && URL.revokeObjectURL(url.value)

  async function load(): Promise<void> {
    release()
    const response = await send('GET', `${BASE}/${file().id}`, {
      query: { inline: true },
      headers: { Accept: '*/*' },
      lasting: true,
    })
    url.value = URL.createObjectURL(await response.blob())
  }

  watch(
    () => file().id,
    () => void load().catch(() => (url.value = '')),
    { immediate: true },
  )
  onScopeDispose(release)
  return url
}

const STEPS = ['B', 'KB', 'MB', 'GB']

export function sizeText(bytes: number): string {
  const step = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), STEPS.length - 1)
  const size = bytes / 1024 ** step
  return `${size < 10 && step ? size.toFixed(1) : Math.round(size)} ${STEPS[step]}`
}
