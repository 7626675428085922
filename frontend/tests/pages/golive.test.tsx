import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import type { ByHandEntry, Plan } from '@/api/plans'
import { months } from '../../mock/world'
import { openApp } from '../app'

const [CURRENT, PREVIOUS] = months()
const NOTHING = { count: 0, amounts: {} }

const ASKED: ByHandEntry = {
  line_id: 'line-1',
  organization: 'Tailspin Toys',
  organization_id: 'org-3',
  agreement: 'Cloud',
  agreement_id: '114',
  subscription: 'Business Premium',
  subscription_id: 'sub-1',
  product: 'M365-BP',
  product_id: '881',
  invoice_number: 'INV-1',
  currency: 'EUR',
  amount: '30.00',
  bills_from: `${PREVIOUS}-01`,
  bills_through: `${PREVIOUS}-28`,
  is_invoiced: true,
  state: 'ask',
  words: 'An addition made by hand may have billed this charge.',
  additions: [
    {
      addition_id: '712',
      product: 'M365-BP',
      description: '',
      quantity: '10',
      unit_price: '2.50',
      bill_option: 'Billable',
      since: '2025-01-01',
      until: null,
      bills: '25.00',
      reason: 'the amount differs',
      invoice_number: '',
    },
  ],
  choices: ['billed', 'bill'],
  decided_by: '',
  reason: '',
}

const PLAN: Plan = {
  id: 'plan-by-hand',
  period: PREVIOUS,
  scope: { period: PREVIOUS, organization_ids: [], agreement_ids: [], line_ids: [], subscription_id: null },
  status: 'ready',
  summary: { create: 1, update: 0, cancel: 0, close: 0, adopt: 0, true_up: 0, undecided: 0, none: 0 },
  amounts: {},
  marked_up: {},
  invoices_unread: '',
  unsent: NOTHING,
  dropped: NOTHING,
  by_hand: {
    billed_before: { count: 4, amounts: { EUR: '120.00' } },
    asked: { count: 1, amounts: { EUR: '30.00' } },
    adopted: NOTHING,
    untouched: NOTHING,
  },
  calls_needed: 1,
  error: '',
  requested_by: 'Dana Reyes',
  moved: [],
  created_at: new Date().toISOString(),
  computed_at: new Date().toISOString(),
  computing_run_id: null,
  run_id: null,
}

function openPlan() {
  const app = openApp(`/plans/${PLAN.id}`)
  app.world.plans.set(PLAN.id, structuredClone(PLAN))
  app.world.byHand.set(PLAN.id, [structuredClone(ASKED)])
  return app
}

describe('what is billed by hand', () => {
  test('a plan shows beside each charge the addition that may bill it, and why that is not certain', async () => {
    openPlan()
    const row = await screen.findByTestId('by-hand-row')
    for (const words of [
      'Business Premium',
      'Addition 712',
      'bills',
      '25.00',
      'the amount differs',
      'Not decided',
    ])
      expect(row).toHaveTextContent(words)
    expect(screen.getByTestId('by-hand-lead')).toHaveTextContent('1 charge waits for your decision')
    expect(screen.getByTestId('by-hand-lead')).toHaveTextContent('4 lines')
  })

  test('a decision makes the plan stale, so that the next one follows it', async () => {
    const { user } = openPlan()
    const row = await screen.findByTestId('by-hand-row')
    await user.click(within(row).getByTestId('hand-billed'))
    expect(await screen.findByTestId('plan-trouble')).toHaveTextContent('decided what was billed by hand')
    await waitFor(() => expect(screen.getByTestId('by-hand-row')).toHaveAttribute('data-state', 'billed'))
  })
})

describe('the first period we bill', () => {
  test('says before it is saved what becomes billed before go-live', async () => {
    const { user } = openApp('/settings/rules')
    await user.click(await screen.findByTestId('first-period'))
    const [, year] = CURRENT.split('-').reverse()
    await user.click((await screen.findAllByRole('option', { name: new RegExp(year ?? '') })).at(-1)!)
    expect(await screen.findByTestId('first-period-effect')).toHaveTextContent('billed before go-live')
    expect(screen.getByTestId('save-rules')).toBeEnabled()
  })
})
