import { screen, waitFor, within } from '@testing-library/react'
import { http } from 'msw'
import { describe, expect, test } from 'vitest'
import { problem } from '../../mock/problem'
import { lastDayOf, months } from '../../mock/world'
import { formatCount, formatDay } from '@/format'
import { openApp } from '../app'
import { server } from '../server'

const [CURRENT, PREVIOUS] = months()
const cell = (row: number, column: string) =>
  document.querySelector<HTMLElement>(`[data-row="${row}"] [data-testid="cell-${column}"]`)!

async function openInvoices(path = '/invoices', options = {}) {
  const app = openApp(path, options)
  await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
  return app
}

describe('reviewing invoice lines', () => {
  test('the first line says where the month stands and what to do next', async () => {
    await openInvoices()
    await waitFor(() => expect(screen.getByTestId('standing')).toHaveTextContent(/lines are ready .* held/))
  })

  test('the totals say how many lines and how much money have which status', async () => {
    const { world } = await openInvoices()
    const held = world.lines.get(PREVIOUS)!.filter(({ status }) => status === 'held')
    const tab = screen.getByTestId('status-tab-held')
    await waitFor(() => expect(tab).toHaveTextContent(formatCount(held.length)))
    expect(tab).toHaveTextContent('EUR')
  })

  test('a status is chosen in the URL, so the view can be sent as a link', async () => {
    const { user, router } = await openInvoices()
    await user.click(screen.getByTestId('status-tab-held'))
    await waitFor(() => expect(router.state.location.search).toMatchObject({ status: 'held' }))
    await waitFor(() => expect(screen.queryByText('Ready', { selector: '[data-row] *' })).toBeNull())
  })

  test('searching narrows the grid', async () => {
    const { user, router } = await openInvoices()
    await user.type(screen.getByTestId('line-search'), 'Woodgrove')
    await waitFor(() => expect(router.state.location.search).toMatchObject({ search: 'Woodgrove' }))
    await waitFor(() => expect(cell(0, 'organization')).toHaveTextContent('Woodgrove Bank'))
  })

  test('a held line leads to the page that mends it, with its organization chosen', async () => {
    const { user, router } = await openInvoices('/invoices?status=held&hold_reason=organization_unmapped')
    await user.click(screen.getAllByRole('link', { name: 'Organization not mapped' })[0]!)
    await screen.findByTestId('organizations')
    expect(router.state.location.pathname).toBe('/mapping/organizations')
    expect(screen.getAllByTestId('organization-row')).toHaveLength(1)
  })

  test('a line held for its dates opens the editor of its date, by Enter too', async () => {
    const { user } = await openInvoices('/invoices?status=held&hold_reason=starts_before_billing', {
      lines: 200,
    })
    await user.click(screen.getAllByRole('button', { name: 'Starts before the agreement bills' })[0]!)
    expect(screen.getByTestId('cell-editor')).toHaveAccessibleName('Charge start')
    await user.keyboard('{Escape}{Home}{ArrowRight}{Enter}')
    expect(screen.getByTestId('cell-editor')).toBeInTheDocument()
  })

  test('windows are loaded by cursor until the view is covered', async () => {
    const { user } = await openInvoices('/invoices', { lines: 1_300 })
    await waitFor(() => expect(screen.getByRole('grid')).toHaveAttribute('aria-rowcount', '1301'))
    await user.click(cell(0, 'organization'))
    await user.keyboard('{Control>}{End}{/Control}')
    await waitFor(() => expect(cell(1_299, 'organization')).toHaveTextContent(/\w/))
    expect(screen.getByTestId('sheet-footer')).toHaveTextContent('1,300 lines')
  })
})

describe('editing a date', () => {
  test('a typed date is saved and badged as the user\u2019s', async () => {
    const { user, world } = await openInvoices()
    await user.click(cell(0, 'charge_start_date'))
    await user.keyboard('12{Enter}')
    const line = world.lines.get(PREVIOUS)![0]!
    await waitFor(() => expect(line.provenance.charge_start_date.user).toBe(`${PREVIOUS}-12`))
    await waitFor(() => expect(cell(0, 'charge_start_date')).toHaveTextContent('User Updated'))
    expect(cell(0, 'charge_start_date')).toHaveTextContent(formatDay(`${PREVIOUS}-12`))
  })

  test('Delete goes back to the value without one\u2019s edit', async () => {
    const { user, world } = await openInvoices()
    const line = world.lines.get(PREVIOUS)![5]!
    expect(line.provenance.charge_start_date.user).not.toBeNull()
    await user.click(cell(5, 'charge_start_date'))
    await user.keyboard('{Delete}')
    await waitFor(() => expect(line.provenance.charge_start_date.user).toBeNull())
    await waitFor(() => expect(cell(5, 'charge_start_date')).not.toHaveTextContent('User Updated'))
  })

  test('two edits of one line do not collide with each other', async () => {
    const { user, world } = await openInvoices()
    await user.click(cell(0, 'charge_start_date'))
    await user.keyboard('12{Tab}20{Enter}')
    const line = world.lines.get(PREVIOUS)![0]!
    await waitFor(() => expect(line.provenance.charge_end_date.user).toBe(`${PREVIOUS}-20`))
    expect(line.provenance.charge_start_date.user).toBe(`${PREVIOUS}-12`)
    expect(screen.queryByText('Somebody changed this line meanwhile')).toBeNull()
  })

  test('somebody else\u2019s change is shown, and mine can be saved over it', async () => {
    const { user, world } = await openInvoices()
    const line = world.lines.get(PREVIOUS)![0]!
    line.version = 7
    line.charge_start_date = `${PREVIOUS}-25`
    await user.click(cell(0, 'charge_start_date'))
    await user.keyboard('12{Enter}')
    const dialog = await screen.findByRole('dialog')
    expect(dialog).toHaveTextContent(formatDay(`${PREVIOUS}-25`))
    expect(dialog).toHaveTextContent(formatDay(`${PREVIOUS}-12`))
    await user.click(within(dialog).getByTestId('conflict-mine'))
    await waitFor(() => expect(line.provenance.charge_start_date.user).toBe(`${PREVIOUS}-12`))
  })

  test('keeping theirs leaves the line as somebody else left it', async () => {
    const { user, world } = await openInvoices()
    const line = world.lines.get(PREVIOUS)![0]!
    Object.assign(line, { version: 7, charge_start_date: `${PREVIOUS}-25` })
    await user.click(cell(0, 'charge_start_date'))
    await user.keyboard('12{Enter}')
    await user.click(await screen.findByTestId('conflict-theirs'))
    await waitFor(() => expect(cell(0, 'charge_start_date')).toHaveTextContent(formatDay(`${PREVIOUS}-25`)))
    expect(line.provenance.charge_start_date.user).toBeNull()
  })

  test('a refused edit stays visible as not saved', async () => {
    const { user } = await openInvoices()
    server.use(
      http.patch('*/api/v1/invoice-lines/:id', () =>
        problem(422, 'date_out_of_range', 'The date is before the agreement.', 'Choose a later day.'),
      ),
    )
    await user.click(cell(0, 'charge_start_date'))
    await user.keyboard('12{Enter}')
    await waitFor(() => expect(cell(0, 'charge_start_date')).toHaveTextContent('Not saved'))
    expect(await screen.findByText('Choose a later day.')).toBeInTheDocument()
  })

  test('x excludes a line, and again includes it', async () => {
    const { user, world } = await openInvoices()
    const line = world.lines.get(PREVIOUS)![0]!
    await user.click(cell(0, 'organization'))
    await user.keyboard('x')
    await waitFor(() => expect(cell(0, 'status')).toHaveTextContent('Excluded'))
    await user.keyboard('x')
    await waitFor(() => expect(line.status).toBe('ready'))
  })

  test('Space tells everything about the line', async () => {
    const { user } = await openInvoices()
    await user.click(cell(1, 'organization'))
    await user.keyboard(' ')
    const panel = await screen.findByRole('dialog')
    expect(panel).toHaveTextContent('Rule: first day of the invoice month.')
    expect(panel).toHaveTextContent(formatDay(lastDayOf(PREVIOUS)))
  })
})

describe('loading invoices', () => {
  test('a load is started, watched, and its month shown', async () => {
    const { user, router } = await openInvoices()
    await user.click(screen.getByTestId('load-button'))
    await user.click(await screen.findByTestId('load-start'))
    await screen.findByTestId('run-progress')
    await user.click(await screen.findByTestId('load-done'))
    await waitFor(() => expect(router.state.location.search).toMatchObject({ period: CURRENT }))
    await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
  })

  test('a month without lines offers to load them', async () => {
    openApp(`/invoices?period=${CURRENT}`)
    expect(await screen.findByTestId('empty-state')).toHaveTextContent('is not loaded yet')
    await waitFor(() => expect(screen.getByTestId('plan-button')).toBeDisabled())
  })

  test('a failure is told with what to do, and can be tried again', async () => {
    const app = openApp('/invoices', {})
    await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
    server.use(
      http.get('*/api/v1/invoice-lines', () =>
        problem(400, 'bad_filter', 'The filter cannot be read.', 'Clear the filters.'),
      ),
    )
    await app.user.click(screen.getByTestId('status-tab-held'))
    expect(await screen.findByTestId('problem')).toHaveTextContent('Clear the filters.')
  })
})
