/** What a line's addition bills, in the line's panel. */

import { screen, waitFor, within } from '@testing-library/react'
import axe from 'axe-core'
import { http } from 'msw'
import { expect, test } from 'vitest'
import { problem } from '../../mock/problem'
import { months, type World } from '../../mock/world'
import { formatDays } from '@/format'
import { openApp } from '../app'
import { server } from '../server'

const [, PREVIOUS] = months()

function findRecurring(world: World) {
  return world.lines.get(PREVIOUS)!.find(({ is_recurring, agreement }) => is_recurring && agreement)!
}

async function openPanel(status: 'sent' | 'ready') {
  let id = ''
  const app = openApp('/', {
    prepare: (world) => {
      const line = findRecurring(world)
      Object.assign(line, { status, hold_reasons: [] })
      id = line.id
    },
  })
  await app.router.navigate({ to: '/invoices', search: { line: id } })
  return { ...app, section: await screen.findByTestId('life') }
}

test('segments, their true-ups and periods stand under each other, with what was sent for them', async () => {
  const { section } = await openPanel('sent')
  await waitFor(() => expect(within(section).getAllByTestId('life-addition')).toHaveLength(3))
  const [first, trueUp, second] = within(section).getAllByTestId('life-addition')
  expect(first).toHaveTextContent(/Segment 1.*Ended.*Adopted/)
  expect(first).toHaveTextContent('not known')
  expect(trueUp).toHaveTextContent('True-up of addition 70412')
  expect(second).toHaveTextContent('+6.00')
  expect(within(second!).getAllByText('No line has come for this period yet.')).toHaveLength(3)
  expect(within(section).getByRole('link')).toHaveAttribute('href', expect.stringContaining('openrecord'))
})

test('nothing in it violates accessibility', async () => {
  const { section } = await openPanel('sent')
  await within(section).findAllByTestId('life-addition')
  const { violations } = await axe.run(section, { rules: { 'color-contrast': { enabled: false } } })
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
})

test('a line that was never sent says so', async () => {
  const { section } = await openPanel('ready')
  expect(await within(section).findByText(/was ever sent/)).toBeInTheDocument()
})

test('what went wrong is said, and can be tried again', async () => {
  const { section, queryClient, user } = await openPanel('sent')
  await within(section).findAllByTestId('life-addition')
  server.use(
    http.get('*/api/v1/additions/life', () =>
      problem(409, 'connection_missing', 'ConnectWise is not connected.', 'Save the connection first.'),
    ),
  )
  await queryClient.resetQueries({ queryKey: ['invoice-lines', 'life'] }).catch(() => undefined)
  const alert = await within(section).findByRole('alert')
  expect(alert).toHaveTextContent('Save the connection first.')
  server.resetHandlers()
  server.use(http.get('*/api/v1/additions/life', () => problem(404, 'nothing_written', 'Nothing.', 'Push.')))
  await user.click(within(alert).getByRole('button', { name: 'Try again' }))
  expect(await within(section).findByText(/was ever sent/)).toBeInTheDocument()
})

test('days say once what both share', () => {
  expect(formatDays('2026-10-01', '2026-10-31')).toBe('01 – 31 Oct 2026')
  expect(formatDays('2026-10-15', '2026-11-14')).toBe('15 Oct – 14 Nov 2026')
  expect(formatDays('2026-12-01', '2027-02-28')).toBe('01 Dec 2026 – 28 Feb 2027')
})
