/** Reads of a page end with the page: one abort controller per navigation. */

let controller = new AbortController()

export function pageSignal(): AbortSignal {
  return controller.signal
}

/** Drops the reads of the page that is being left. Called by the router. */
export function leavePage(): void {
  controller.abort()
  controller = new AbortController()
}
