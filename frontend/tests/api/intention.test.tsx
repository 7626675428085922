import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { delay, http, HttpResponse } from 'msw'
import { beforeEach, describe, expect, test } from 'vitest'
import { useLoad } from '@/api/runs'
import { makeQueryClient } from '@/router'
import { server } from '../server'

function LoadButton() {
  const load = useLoad()
  return (
    <button onClick={() => load.mutate(['2026-10'])}>
      {load.isPending ? 'under way' : `${load.status} ${load.data?.id ?? ''}`}
    </button>
  )
}

function openButton() {
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <LoadButton />
    </QueryClientProvider>,
  )
  return { user: userEvent.setup(), button: screen.getByRole('button') }
}

type Answer = () => Response | Promise<Response>

/** A server that answers each load with the next of `answers`; the keys it was sent. */
function serveLoads(...answers: Answer[]): (string | null)[] {
  const keys: (string | null)[] = []
  server.use(
    http.post('*/api/v1/loads', async ({ request }) => {
      keys.push(request.headers.get('idempotency-key'))
      await delay(20)
      return answers[Math.min(keys.length, answers.length) - 1]!()
    }),
  )
  return keys
}

const started = (id: string) => () => HttpResponse.json({ id }, { status: 202 })
const lost = () => HttpResponse.error()
const refused = (status: number) => () => HttpResponse.json({ code: 'refused' }, { status })

describe('an intention', () => {
  beforeEach(() => server.resetHandlers())

  test('a double click asks once', async () => {
    const keys = serveLoads(started('run-1'), started('run-2'))
    const { user, button } = openButton()
    await user.dblClick(button)
    await waitFor(() => expect(button).toHaveTextContent('success run-1'))
    expect(keys).toHaveLength(1)
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  })

  test.each([
    ['a lost connection', lost],
    ['a gateway that gave up waiting', refused(504)],
  ])('a try after %s carries the same key', async (_, failure) => {
    const keys = serveLoads(failure, started('run-1'))
    const { user, button } = openButton()
    await user.click(button)
    await waitFor(() => expect(button).toHaveTextContent('error'))
    await user.click(button)
    await waitFor(() => expect(button).toHaveTextContent('success run-1'))
    expect(keys).toHaveLength(2)
    expect(keys[1]).toBe(keys[0])
  })

  test.each([
    ['done', started('run-1'), 'success run-1'],
    ['refused', refused(409), 'error'],
  ])('what was %s is over: asking again is a new intention', async (_, answer, shown) => {
    const keys = serveLoads(answer, started('run-2'))
    const { user, button } = openButton()
    await user.click(button)
    await waitFor(() => expect(button).toHaveTextContent(shown))
    await user.click(button)
    await waitFor(() => expect(button).toHaveTextContent('success run-2'))
    expect(keys[1]).not.toBe(keys[0])
  })
})
