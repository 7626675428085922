/** The typed client: same origin, session cookie, CSRF token on unsafe methods, problems thrown. */

import createClient, { type Middleware } from 'openapi-fetch'
import { ApiProblem } from './problem'
import type { components, paths } from './schema.gen'

export type Schemas = components['schemas']

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

function readCookie(name: string): string | undefined {
  const found = document.cookie.split('; ').find((part) => part.startsWith(`${name}=`))
  return found && decodeURIComponent(found.slice(name.length + 1))
}

const conventions: Middleware = {
  onRequest({ request }) {
    if (SAFE.has(request.method)) return
    const token = readCookie('tieout_csrf')
    if (token) request.headers.set('X-CSRF-Token', token)
    // A repeated click or a retried request does the thing once.
    request.headers.set('Idempotency-Key', crypto.randomUUID())
  },
  async onResponse({ response }) {
    if (response.ok) return
    const body: unknown = await response.json().catch(() => ({}))
    throw new ApiProblem(
      (body ?? {}) as Partial<Schemas['Problem']> & Record<string, unknown>,
      response.status,
    )
  },
}

export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  // Looked up at call time: the client would otherwise keep the fetch it saw first.
  fetch: (request) => globalThis.fetch(request),
})
api.use(conventions)

/** The body of a successful answer; failures were thrown before it gets here. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call
  return data as T
}

interface Page<T> {
  items: T[]
  next_cursor: string | null
}

/** Every item of a list that is known to be short enough to hold (mapping, companies of a search). */
export async function everyItem<T>(
  fetchPage: (cursor: string | undefined) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await fetchPage(cursor)
    items.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor)
  return items
}
