import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { months, type World } from '../../mock/world'
import { openApp } from '../app'

const [, PREVIOUS] = months()
const cell = (row: number, column: string) =>
  document.querySelector<HTMLElement>(`[data-row="${row}"] [data-testid="cell-${column}"]`)!
const lineOf = (world: World) => world.lines.get(PREVIOUS)![0]!

async function openInvoices() {
  localStorage.setItem('tieout.invoice-columns.2', JSON.stringify({ visibility: {} }))
  const app = openApp('/invoices', { lines: 200 })
  await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
  return app
}

describe('editing the fields of a line', () => {
  test('a quantity and a price are typed, and the cell says that a person did', async () => {
    const { user, world } = await openInvoices()
    await user.click(cell(0, 'quantity'))
    await user.keyboard('4.50{Tab}2.25{Enter}')
    await waitFor(() => expect(lineOf(world).decided).toMatchObject({ quantity: '4.5', unit_price: '2.25' }))
    await waitFor(() => expect(cell(0, 'unit_price')).toHaveTextContent('2.25User Updated'))
    expect(cell(0, 'quantity')).toHaveTextContent('4.5User Updated')
  })

  test('a number that is none is answered in the cell', async () => {
    const { user } = await openInvoices()
    await user.click(cell(0, 'quantity'))
    await user.keyboard('-3{Enter}')
    expect(await screen.findByRole('alert')).toHaveTextContent('A quantity is more than zero.')
  })

  test('a bill option and taxability are chosen by their words', async () => {
    const { user, world } = await openInvoices()
    await user.click(cell(0, 'bill_option'))
    await user.keyboard('no charge{Tab}')
    await user.keyboard('no{Enter}')
    await waitFor(() => expect(lineOf(world).decided).toEqual({ bill_option: 'NoCharge', taxable: false }))
    await user.click(cell(0, 'bill_option'))
    await user.keyboard('free{Enter}')
    expect(await screen.findByRole('alert')).toHaveTextContent('Billable, Do not bill, No charge')
  })

  test('a product is picked from the catalog', async () => {
    const { user, world } = await openInvoices()
    await user.click(cell(0, 'product'))
    await user.keyboard('{Enter}')
    expect(await screen.findByTestId('cell-picker-search')).toHaveAccessibleName('PSA product')
    const [, another] = await screen.findAllByRole('option')
    await user.click(another!)
    await waitFor(() => expect(lineOf(world).decided.product_id).toBeTruthy())
  })

  test('what was decided is told and reverted in the panel', async () => {
    const { user, world } = await openInvoices()
    await user.click(cell(0, 'quantity'))
    await user.keyboard('4{Enter}')
    await waitFor(() => expect(lineOf(world).decided).toEqual({ quantity: '4' }))
    await user.click(cell(0, 'organization'))
    await user.keyboard(' ')
    const panel = await screen.findByRole('dialog')
    expect(await within(panel).findByText(/User Updated by Dana Reyes/)).toBeVisible()
    await user.click(within(panel).getByRole('button', { name: 'Revert the edit of Quantity' }))
    await waitFor(() => expect(lineOf(world).decided).toEqual({}))
  })

  test('a cell that cannot be edited says why, on the screen and to screen readers', async () => {
    const { user, world } = await openInvoices()
    await user.click(cell(0, 'total'))
    expect(cell(0, 'total')).toHaveAccessibleDescription(/This is what AppXite charges/)
    await user.keyboard('{Enter}')
    expect(await screen.findByRole('tooltip')).toHaveTextContent('This is what AppXite charges.')
    lineOf(world).is_invoiced = true
    await user.click(cell(0, 'quantity'))
    await user.keyboard('4{Enter}')
    await waitFor(() => expect(cell(0, 'quantity')).toHaveTextContent('User Updated'))
    await user.keyboard('{ArrowUp}') // the row of the cursor has all its cells
    await user.click(cell(0, 'description'))
    expect(cell(0, 'description')).toHaveAccessibleDescription(/ConnectWise has invoiced this line/)
    expect(cell(0, 'description')).toHaveAttribute('aria-readonly', 'true')
    await user.keyboard('{Enter}')
    expect(screen.queryByTestId('cell-editor')).toBeNull()
  })
})
