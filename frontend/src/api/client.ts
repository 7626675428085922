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

function makeClient(headers: Record<string, string> = {}) {
  const client = createClient<paths>({
    baseUrl: globalThis.location.origin,
    headers,
    // Looked up at call time: the client would otherwise keep the fetch it saw first.
    fetch: (request) => globalThis.fetch(request),
  })
  client.use(conventions)
  return client
}

type Client = ReturnType<typeof makeClient>

/** Reads only: whatever changes something belongs to an intention (see intention.ts), which has the key. */
export const api: Pick<Client, 'GET'> = makeClient()

export type Sender = Pick<Client, 'POST' | 'PUT' | 'PATCH' | 'DELETE'>

/** Writes under one Idempotency-Key. Only intention.ts makes keys. */
export function senderFor(key: string): Sender {
  return makeClient({ 'Idempotency-Key': key })
}

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
