/** What the person was told. */
import { download, http } from '@/api/http'
import type { InboxItem, Page } from '@/api/types'

const INBOX = '/api/notify/v1/inbox'

export const fetchInbox = (unread: boolean, cursor?: string) =>
  http.get<Page<InboxItem>>(INBOX, { query: { unread: unread || undefined, limit: 50, cursor } })

export const markRead = (id: string) => http.post(`${INBOX}/${id}/read`, {})

export const markAllRead = () => http.post(`${INBOX}/read-all`, {})

/** The file that an item is about. */
export const takeFile = (file: { id: string; name: string }) =>
  download('GET', `/api/report/v1/board-files/${file.id}`, file.name)
