import { HttpResponse } from 'msw'

/** An error as the API tells it. */
export function problem(status: number, code: string, detail: string, action: string, more: object = {}) {
  const titles: Record<number, string> = { 401: 'Not signed in', 404: 'Not found', 409: 'Conflict' }
  return HttpResponse.json(
    { type: `/problems/${code}`, title: titles[status] ?? 'Problem', status, code, detail, action, ...more },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )
}
