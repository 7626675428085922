import { http, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { answer, api, senderFor } from '@/api/client'
import { ApiProblem, asProblem } from '@/api/problem'
import { server } from '../server'

describe('the API client', () => {
  test('an unsafe method carries the CSRF token and the key it was given, a safe one neither', async () => {
    document.cookie = 'tieout_csrf=token%20one'
    const seen: Headers[] = []
    server.use(
      http.all('*/api/v1/*', ({ request }) => {
        seen.push(request.headers)
        return HttpResponse.json({ items: [], next_cursor: null })
      }),
    )
    await api.GET('/api/v1/periods')
    await senderFor('key-1').POST('/api/v1/mirrors')
    expect(seen[0]?.get('x-csrf-token')).toBeNull()
    expect(seen[1]?.get('x-csrf-token')).toBe('token one')
    expect(seen[0]?.get('idempotency-key')).toBeNull()
    expect(seen[1]?.get('idempotency-key')).toBe('key-1')
  })

  test('a problem is thrown with its words', async () => {
    server.use(
      http.get('*/api/v1/periods', () =>
        HttpResponse.json(
          { code: 'busy', title: 'Busy', detail: 'A load is running.', action: 'Wait for it.', status: 409 },
          { status: 409 },
        ),
      ),
    )
    const failure = answer(api.GET('/api/v1/periods'))
    await expect(failure).rejects.toMatchObject({
      code: 'busy',
      detail: 'A load is running.',
      action: 'Wait for it.',
    })
  })

  test('an answer without words still says what happened and what to do', async () => {
    server.use(http.get('*/api/v1/periods', () => new HttpResponse('<html>', { status: 502 })))
    const problem = await answer(api.GET('/api/v1/periods')).catch((error: unknown) => asProblem(error))
    expect(problem).toBeInstanceOf(ApiProblem)
    expect(problem).toMatchObject({ status: 502, code: 'http_502', detail: 'The server answered 502.' })
  })

  test('a server that cannot be reached is a problem too', () => {
    expect(asProblem(new TypeError('Failed to fetch'))).toMatchObject({ status: 0, code: 'unreachable' })
  })
})
