/** Many cells of lines at once, with the server behind them. */

import { fireEvent, screen, waitFor } from '@testing-library/react'
import { http } from 'msw'
import { describe, expect, test } from 'vitest'
import { problem } from '../../mock/problem'
import { months } from '../../mock/world'
import { openApp } from '../app'
import { server } from '../server'

const [, PERIOD] = months()
const day = (number: number) => `${PERIOD}-${String(number).padStart(2, '0')}`
const cell = (row: number, column: string) =>
  document.querySelector<HTMLElement>(`[data-row="${row}"] [data-testid="cell-${column}"]`)!

async function openInvoices(lines = 60) {
  const app = openApp('/invoices', { lines })
  await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
  const line = (index: number) => app.world.lines.get(PERIOD)![index]!
  const typed = (index: number) => line(index).provenance.charge_start_date.user
  const paste = async (row: number, text: string) => {
    await app.user.click(cell(row, 'charge_start_date'))
    fireEvent.paste(cell(row, 'charge_start_date'), { clipboardData: { getData: () => text } })
  }
  return { ...app, line, typed, paste }
}

describe('a pasted column of dates', () => {
  test('is saved, and Ctrl with Z takes all of it back', async () => {
    const { user, typed, paste } = await openInvoices()
    await paste(0, [day(11), day(12), day(13)].join('\n'))
    await waitFor(() => expect([typed(0), typed(1), typed(2)]).toEqual([day(11), day(12), day(13)]))
    await user.keyboard('{Control>}z{/Control}')
    await waitFor(() => expect([typed(0), typed(1), typed(2)]).toEqual([null, null, null]))
    await user.keyboard('{Control>}y{/Control}')
    await waitFor(() => expect([typed(0), typed(1), typed(2)]).toEqual([day(11), day(12), day(13)]))
  })

  test('with a cell that is no date asks before anything is written', async () => {
    const { user, typed, paste } = await openInvoices()
    await paste(0, [day(11), 'soon', day(13)].join('\n'))
    expect(await screen.findByTestId('refusal')).toHaveTextContent('A pasted date needs day, month and year')
    expect(typed(0)).toBeNull()
    await user.click(screen.getByTestId('refusals-write'))
    await waitFor(() => expect([typed(0), typed(1), typed(2)]).toEqual([day(11), null, day(13)]))
  })

  test('of which the server refuses a line says which, and takes the others back when asked', async () => {
    const { user, line, typed, paste } = await openInvoices()
    server.use(
      http.patch(`*/api/v1/invoice-lines/${line(1).id}`, () =>
        problem(422, 'date_out_of_range', 'The date is before the agreement.', 'Choose a later day.'),
      ),
    )
    await paste(0, [day(11), day(12), day(13)].join('\n'))
    expect(await screen.findByTestId('refusal')).toHaveTextContent('The date is before the agreement.')
    expect(cell(1, 'charge_start_date')).toHaveTextContent('Not saved')
    expect([typed(0), typed(2)]).toEqual([day(11), day(13)])
    await user.click(screen.getByTestId('part-undo'))
    await waitFor(() => expect([typed(0), typed(2)]).toEqual([null, null]))
  })
})

describe('taking back', () => {
  test('leaves alone what somebody else changed since', async () => {
    const { user, line, typed, paste } = await openInvoices()
    await paste(0, [day(11), day(12)].join('\n'))
    await waitFor(() => expect(typed(1)).toBe(day(12)))
    const theirs = { ...line(1).provenance.charge_start_date, user: day(25) }
    Object.assign(line(1), { version: 9, provenance: { ...line(1).provenance, charge_start_date: theirs } })
    await user.keyboard('{Control>}z{/Control}')
    expect(await screen.findByTestId('refusal')).toHaveTextContent('Somebody changed this line.')
    expect([typed(0), typed(1)]).toEqual([null, day(25)])
  })

  test('works on a line that was only rated anew', async () => {
    const { user, line, typed } = await openInvoices()
    await user.click(cell(0, 'charge_start_date'))
    await user.keyboard('12{Enter}')
    await waitFor(() => expect(typed(0)).toBe(day(12)))
    line(0).version = 9
    await user.keyboard('{Control>}z{/Control}')
    await waitFor(() => expect(typed(0)).toBeNull())
  })

  test('outlives a change of the filter', async () => {
    const { user, typed } = await openInvoices()
    await user.click(cell(0, 'charge_start_date'))
    await user.keyboard('12{Enter}')
    await waitFor(() => expect(typed(0)).toBe(day(12)))
    await user.click(screen.getByTestId('status-tab-held'))
    await waitFor(() => expect(cell(0, 'status')).toHaveTextContent('Held'))
    await user.click(cell(0, 'organization'))
    await user.keyboard('{Control>}z{/Control}')
    await waitFor(() => expect(typed(0)).toBeNull())
  })
})

test('the same value on many lines goes as one bulk edit, and comes back as one', async () => {
  const { user, typed } = await openInvoices()
  const patches: string[] = []
  server.events.on('request:start', ({ request }) => {
    if (request.method === 'PATCH') patches.push(request.url)
  })
  await user.click(cell(0, 'charge_start_date'))
  await user.keyboard(`{Control>}{Shift>}{ArrowDown}{/Shift}{/Control}${day(17)}{Control>}{Enter}{/Control}`)
  await waitFor(() => expect([typed(0), typed(59)]).toEqual([day(17), day(17)]))
  await waitFor(() => expect(cell(59, 'charge_start_date')).toHaveTextContent('User Updated'))
  await user.keyboard('{Control>}z{/Control}')
  await waitFor(() => expect([typed(0), typed(59)]).toEqual([null, null]))
  // The three lines that had another date before get it back by themselves.
  expect(patches.length).toBeLessThan(5)
})
