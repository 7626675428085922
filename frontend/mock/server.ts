/**
 * Development only: serves dist/ and answers the API from memory, so that pages can be seen without services.
 * `MOCK_LINES=100000 npm run mock`
 */

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { getResponse } from 'msw'
import { makeHandlers } from './handlers.ts'
import { makeWorld } from './world.ts'

const port = Number(process.env.PORT ?? 8088)
const dist = join(import.meta.dirname, '..', 'dist')
const world = makeWorld(Number(process.env.MOCK_LINES ?? 2_400))
world.isSignedIn = process.env.MOCK_SIGNED_IN === '1'
const handlers = makeHandlers(world)

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

async function answerApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/api/v1/live') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(': open\n\n')
    return
  }
  const body = await bodyOf(request)
  const sent = new Request(`http://127.0.0.1:${port}${request.url}`, {
    method: request.method ?? 'GET',
    headers: { 'content-type': 'application/json' },
    ...(body ? { body } : {}),
  })
  const answer = await getResponse(handlers, sent)
  response.writeHead(answer?.status ?? 404, Object.fromEntries(answer?.headers ?? []))
  response.end(answer ? Buffer.from(await answer.arrayBuffer()) : '{}')
}

async function answerFile(path: string, response: ServerResponse): Promise<void> {
  const name = normalize(path).replace(/^(\.\.[/\\])+/, '')
  const isFile = extname(name) !== ''
  const content = await readFile(join(dist, isFile ? name : 'index.html')).catch(() => undefined)
  response.writeHead(content ? 200 : 404, {
    'content-type': TYPES[isFile ? extname(name) : '.html'] ?? 'application/octet-stream',
  })
  response.end(content)
}

createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const answering = pathname.startsWith('/api/')
    ? answerApi(request, response)
    : answerFile(pathname, response)
  answering.catch((error: unknown) => {
    console.error(error)
    response.writeHead(500).end()
  })
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))
