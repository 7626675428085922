import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import type { Receipt } from '@/api/receipts'
import { makeWorld, months } from '../../mock/world'
import { openApp } from '../app'

const [, PREVIOUS] = months()

function openReceipt(rounded: string) {
  const receipt: Receipt = {
    run_id: 'run-9',
    plan_id: 'plan-9',
    period: PREVIOUS,
    scope: null,
    ties_out: true,
    arrived: true,
    accounted_for: true,
    bills_as_charged: true,
    examined: 2,
    totals: [
      {
        organization: 'Tailspin Toys',
        organization_id: 'org-3',
        currency: 'EUR',
        appxite_total: '12.345',
        additions_total: '12.35',
        unsent_total: '0.00',
        rounded,
        ties_out: true,
      },
    ],
    unsent: [],
    failures: [],
    differences: [],
    unsent_count: 0,
    failure_count: 0,
    difference_count: 0,
    billed_before_count: 0,
    dropped_count: 0,
    invoices_unread: '',
    created_at: new Date().toISOString(),
  }
  return openApp('/receipts/run-9', { prepare: ({ receipts }) => void receipts.set('run-9', receipt) })
}

describe('additions that carry parts of several lines', () => {
  test('the rule to send usage as one addition is saved with the others', async () => {
    const { user, world } = openApp('/settings/rules')
    await user.click(await screen.findByLabelText(/Send the usage of a subscription as one addition/))
    await user.click(screen.getByTestId('save-rules'))
    await waitFor(() => expect(world.rules.rules.collapse_usage).toBe(true))
  })

  test('a receipt names what is finer than the currency, to the last digit', async () => {
    openReceipt('-0.005')
    expect(await screen.findByTestId('receipt-rounding')).toHaveTextContent('\u22120.005 EUR')
  })

  test('a receipt without any says nothing about it', async () => {
    openReceipt('0.00')
    await screen.findByTestId('statement-accounted_for')
    expect(screen.queryByTestId('receipt-rounding')).toBeNull()
  })

  test('a line says with how many others its addition carries it', async () => {
    const [first] = makeWorld(60).lines.get(PREVIOUS)!
    const { router } = openApp(`/invoices?line=${first!.id}`, {
      prepare: ({ lines }) => {
        const line = lines.get(PREVIOUS)![0]!
        Object.assign(line, { is_gathered: true, carried_with: 3, addition_id: '8812', status: 'sent' })
      },
    })
    expect(router.state.location.search).toMatchObject({ line: expect.any(String) })
    expect(await screen.findByTestId('carried-with')).toHaveTextContent('with 3 other lines in addition 8812')
  })

  test('an operation of a plan lists the lines that it carries', async () => {
    const { user, world } = openApp('/invoices')
    await waitFor(() => expect(screen.getByTestId('plan-button')).toBeEnabled())
    await user.click(screen.getByTestId('plan-button'))
    await screen.findByTestId('apply-button')
    expect(screen.queryByTestId('carried-lines')).toBeNull()
    const [operations] = [...world.operations.values()]
    Object.assign(
      operations!.find(({ kind }) => kind === 'update')!,
      {
        carries: [
          { line_id: 'line-1', invoice_number: 'INV-0042', product: 'Azure plan', amount: '0.333' },
          { line_id: 'line-2', invoice_number: 'INV-0042', product: 'Azure plan', amount: '0.667' },
        ],
      },
    )
    await user.click(screen.getByRole('radio', { name: /Update/ }))
    const carried = await screen.findByTestId('carried-lines')
    expect(carried).toHaveTextContent('Carries 2 lines')
    expect(within(carried).getAllByRole('listitem', { hidden: true })[0]).toHaveTextContent('0.333')
  })
})
