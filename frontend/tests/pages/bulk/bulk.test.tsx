import { screen, waitFor, within } from '@testing-library/react'
import type { UserEvent } from '@testing-library/user-event'
import { http } from 'msw'
import { describe, expect, test } from 'vitest'
import { problem } from '../../../mock/problem'
import { months, type World } from '../../../mock/world'
import { openApp } from '../../app'
import { server } from '../../server'

const [, PREVIOUS] = months()
const linesOf = (world: World) => world.lines.get(PREVIOUS)!

async function openInvoices(path = '/invoices', prepare?: (world: World) => void) {
  const app = openApp(path, { prepare })
  await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
  return app
}

async function openDialog(user: UserEvent) {
  await user.click(await screen.findByTestId('bulk-button'))
  return screen.findByTestId('bulk-form')
}

async function choose(user: UserEvent, name: string, testId = 'bulk-choice', index = 0) {
  await user.click(screen.getAllByTestId(testId)[index]!)
  await user.click(await screen.findByRole('option', { name }))
}

async function look(user: UserEvent) {
  await waitFor(() => expect(screen.getByTestId('bulk-preview')).toBeEnabled())
  await user.click(screen.getByTestId('bulk-preview'))
  return screen.findByTestId('bulk-preview-step')
}

async function previewExclusion(user: UserEvent) {
  await openDialog(user)
  await choose(user, 'Exclude or include')
  return look(user)
}

async function excludeAll(user: UserEvent) {
  await previewExclusion(user)
  await user.click(screen.getByTestId('bulk-apply'))
  await waitFor(() => expect(screen.queryByTestId('bulk-dialog')).toBeNull())
}

describe('which lines', () => {
  test('all lines that match go out as the filter, never as ids', async () => {
    const { user, world } = await openInvoices('/invoices?status=ready&search=Woodgrove')
    const form = await openDialog(user)
    expect(form).toHaveTextContent('Ready · containing “Woodgrove”')
    await choose(user, 'Exclude or include')
    await look(user)
    expect(world.bulkEdits[0]!.scope).toEqual({
      filter: { period: PREVIOUS, status: ['ready'], search: 'Woodgrove' },
    })
  })

  test('selected lines go out by id', async () => {
    const { user, world } = await openInvoices()
    await user.click(document.querySelector<HTMLElement>('[data-row="0"] [data-testid="cell-organization"]')!)
    await user.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}')
    const form = await openDialog(user)
    expect(within(form).getByLabelText('The 3 selected lines')).toBeChecked()
    await choose(user, 'Exclude or include')
    await look(user)
    expect(world.bulkEdits[0]!.scope.line_ids).toEqual(
      linesOf(world)
        .slice(0, 3)
        .map(({ id }) => id),
    )
  })

  test('a filter that finds nothing says so and leads back', async () => {
    const { user, world } = await openInvoices()
    await openDialog(user)
    await choose(user, 'Exclude or include')
    world.lines.set(PREVIOUS, [])
    await user.click(screen.getByTestId('bulk-preview'))
    expect(await screen.findByTestId('bulk-error')).toHaveTextContent('No line matches.')
    await user.click(screen.getByTestId('bulk-back'))
    expect(await screen.findByTestId('bulk-form')).toBeInTheDocument()
  })
})

describe('what to change', () => {
  test('each customer’s agreement of a type', async () => {
    const { user, world } = await openInvoices()
    await openDialog(user)
    await choose(user, 'Assign each customer’s agreement of a type')
    expect(screen.getByTestId('bulk-preview')).toBeDisabled()
    await choose(user, 'Cloud', 'bulk-type')
    const step = await look(user)
    expect(world.bulkEdits[0]!.changes).toEqual([{ kind: 'agreement_of_type', type_id: '1' }])
    expect(step).toHaveTextContent('Each customer’s agreement of type Cloud')
    expect(step).toHaveTextContent(/Cloud, Northwind Traders/)
  })

  test('one agreement, by its company', async () => {
    const { user, world } = await openInvoices()
    await openDialog(user)
    await choose(user, 'Assign one agreement')
    await choose(user, 'Fabrikam Legal Ltd', 'bulk-company')
    await waitFor(() => expect(screen.getByTestId('bulk-agreement')).toBeEnabled())
    await user.click(screen.getByTestId('bulk-agreement'))
    await user.click((await screen.findAllByRole('option'))[0]!)
    await look(user)
    expect(world.bulkEdits[0]!.changes[0]).toMatchObject({ kind: 'set', field: 'agreement_id' })
  })

  test('dates are set, and moved by months and days', async () => {
    const { user, world } = await openInvoices()
    await openDialog(user)
    await choose(user, 'Move dates by months or days')
    await user.clear(screen.getByTestId('bulk-months'))
    await user.type(screen.getByTestId('bulk-months'), '1')
    await user.clear(screen.getByTestId('bulk-days'))
    await user.type(screen.getByTestId('bulk-days'), '-3')
    const step = await look(user)
    expect(world.bulkEdits[0]!.changes).toEqual([
      { kind: 'shift_dates', fields: ['charge_start_date', 'charge_end_date'], months: 1, days: -3 },
    ])
    expect(step).toHaveTextContent('Dates: 1 month later, 3 days earlier')
  })

  test('several things at once, but nothing twice', async () => {
    const { user, world } = await openInvoices()
    await openDialog(user)
    await choose(user, 'Set Charge start')
    await user.type(screen.getByTestId('bulk-value'), `${PREVIOUS}-12`)
    await user.click(screen.getByRole('button', { name: 'Change something else too' }))
    await choose(user, 'Clear edits', 'bulk-choice', 1)
    expect(screen.getByRole('alert')).toHaveTextContent('Two changes are about Charge start')
    expect(screen.getByTestId('bulk-preview')).toBeDisabled()
    await choose(user, 'Exclude or include', 'bulk-choice', 1)
    await user.click(screen.getByText('Include'))
    await look(user)
    expect(world.bulkEdits[0]!.changes).toEqual([
      { kind: 'set', field: 'charge_start_date', value: `${PREVIOUS}-12` },
      { kind: 'set', field: 'excluded', value: false },
    ])
  })

  test('a refusal is told with what to do, and nothing is lost', async () => {
    const { user } = await openInvoices()
    await openDialog(user)
    await choose(user, 'Exclude or include')
    server.use(
      http.post('*/api/v1/bulk-edits', () =>
        problem(422, 'invalid_fields', 'Some fields are not valid.', 'Correct them.', {
          errors: [{ field: 'changes', message: 'colour cannot be edited' }],
        }),
      ),
    )
    await user.click(screen.getByTestId('bulk-preview'))
    expect(await screen.findByText('colour cannot be edited')).toBeInTheDocument()
    expect(screen.getByTestId('bulk-choice')).toHaveValue('Exclude or include')
  })
})

describe('the preview', () => {
  test('it says lines, customers, money, states and what is left out, and changes nothing', async () => {
    const { user, world } = await openInvoices()
    const before = structuredClone(linesOf(world))
    await previewExclusion(user)
    const excluded = before.filter(({ excluded }) => excluded).length
    expect(screen.getByTestId('bulk-summary')).toHaveTextContent(`${before.length - excluded} lines of`)
    expect(screen.getByTestId('bulk-summary')).toHaveTextContent(/EUR .*USD/)
    expect(screen.getByTestId('bulk-statuses')).toHaveTextContent(/Ready.*Excluded/)
    const billing = within(screen.getByTestId('bulk-billing')).getByRole('row', { name: /EUR/ })
    expect(billing).toHaveTextContent(/^EUR[\d,.]+0\.00−[\d,.]+$/)
    expect(linesOf(world)).toEqual(before)
  })

  test('customers and skipped lines are listed with the reason', async () => {
    const { user, world } = await openInvoices('/invoices', (each) => {
      for (const line of each.lines.get(PREVIOUS)!.slice(0, 2)) line.excluded = true
    })
    await previewExclusion(user)
    await user.click(screen.getByRole('tab', { name: /Customers/ }))
    expect(await screen.findByTestId('bulk-customers')).toHaveTextContent('Northwind Traders')
    await user.click(screen.getByTestId('bulk-skipped-tab'))
    const group = await screen.findByTestId('bulk-skipped-unchanged')
    expect(group).toHaveTextContent('They have these values already: 2 lines')
    expect(group).toHaveTextContent(linesOf(world)[0]!.organization)
  })

  test('more skipped lines than the preview holds are read on demand', async () => {
    const { user, world } = await openInvoices('/invoices', (each) => {
      for (const line of each.lines.get(PREVIOUS)!.slice(0, 58)) line.excluded = true
    })
    await previewExclusion(user)
    await user.click(screen.getByTestId('bulk-skipped-tab'))
    const group = await screen.findByTestId('bulk-skipped-unchanged')
    expect(within(group).getAllByRole('listitem')).toHaveLength(50)
    const more = within(group).getByRole('button', { name: 'Show more of them' })
    await user.click(more)
    await waitFor(() => expect(more).toBeEnabled())
    await user.click(more)
    await waitFor(() => expect(within(group).getAllByRole('listitem')).toHaveLength(58))
    expect(linesOf(world)).toHaveLength(60)
  })

  test('lines that were sent already are named apart', async () => {
    const { user } = await openInvoices('/invoices', (each) => {
      each.lines.get(PREVIOUS)![0]!.status = 'sent'
    })
    await previewExclusion(user)
    expect(screen.getByTestId('bulk-already-sent')).toHaveTextContent('1 of them is sent already')
  })

  test('cancelling changes nothing', async () => {
    const { user, world } = await openInvoices()
    await previewExclusion(user)
    await user.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByTestId('bulk-dialog')).toBeNull())
    expect(linesOf(world).some(({ excluded }) => excluded)).toBe(false)
    expect(screen.getByTestId('bulk-button')).toHaveFocus()
  })

  test('a reason is asked for above the limit', async () => {
    const { user, world } = await openInvoices('/invoices', (each) => {
      each.bulkReasonAbove = 10
    })
    await previewExclusion(user)
    expect(screen.getByTestId('bulk-apply')).toBeDisabled()
    await user.type(screen.getByTestId('bulk-reason'), 'Contract ended')
    await user.click(screen.getByTestId('bulk-apply'))
    await waitFor(() =>
      expect(world.bulkEdits[0]).toMatchObject({ status: 'applied', reason: 'Contract ended' }),
    )
  })
})

describe('applying', () => {
  test('all lines change in one step, and the toast takes it back and puts it back', async () => {
    const { user, world } = await openInvoices()
    await excludeAll(user)
    expect(await screen.findByText('60 lines changed')).toBeInTheDocument()
    expect(linesOf(world).every(({ excluded }) => excluded)).toBe(true)
    await user.click(screen.getByTestId('offer-action'))
    expect(await screen.findByText('60 lines changed back')).toBeInTheDocument()
    expect(linesOf(world).some(({ excluded }) => excluded)).toBe(false)
    await user.click(await screen.findByRole('button', { name: 'Redo' }))
    await waitFor(() => expect(linesOf(world).every(({ excluded }) => excluded)).toBe(true))
  })

  test('it goes on when the dialog is closed, and says when it is done', async () => {
    const { user } = await openInvoices()
    await previewExclusion(user)
    await user.click(screen.getByTestId('bulk-apply'))
    await user.click(await screen.findByRole('button', { name: 'Close; it goes on' }))
    expect(await screen.findByText('60 lines changed')).toBeInTheDocument()
  })

  test('a line that somebody changed meanwhile is left out of a new preview, with who changed it', async () => {
    const { user, world } = await openInvoices()
    await previewExclusion(user)
    const line = linesOf(world)[4]!
    line.version += 1
    await user.click(screen.getByTestId('bulk-apply'))
    expect(await screen.findByTestId('bulk-error')).toHaveTextContent(
      '1 line changed since the preview was made',
    )
    expect(linesOf(world).some(({ excluded }) => excluded)).toBe(false)
    await user.click(screen.getByTestId('bulk-preview-without'))
    await user.click(await screen.findByTestId('bulk-skipped-tab'))
    const group = await screen.findByTestId('bulk-skipped-changed_since')
    expect(group).toHaveTextContent(line.organization)
    expect(group).toHaveTextContent('Sam Ortiz changed it since the preview before')
    await user.click(screen.getByTestId('bulk-apply'))
    await waitFor(() => expect(linesOf(world).filter(({ excluded }) => excluded)).toHaveLength(59))
    expect(line.excluded).toBe(false)
  })
})
