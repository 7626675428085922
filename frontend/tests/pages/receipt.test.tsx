import { screen, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import type { BilledPeriod, Difference, Receipt, ReceiptTotal } from '@/api/receipts'
import { months } from '../../mock/world'
import { openApp } from '../app'

const [, PREVIOUS] = months()

const TOTAL: ReceiptTotal = {
  organization: 'Tailspin Toys',
  organization_id: 'org-3',
  currency: 'EUR',
  appxite_total: '100.00',
  additions_total: '100.00',
  unsent_total: '0.00',
  expected_billed: '100.00',
  not_billable: '0.00',
  sent_percent: '100.0',
  ties_out: true,
  bills_as_charged: true,
}

function receiptOf(part: Partial<Receipt> = {}): Receipt {
  return {
    run_id: 'run-9',
    plan_id: 'plan-9',
    period: PREVIOUS,
    scope: null,
    ties_out: true,
    arrived: true,
    accounted_for: true,
    bills_as_charged: true,
    examined: 2,
    totals: [TOTAL],
    unsent: [],
    failures: [],
    differences: [],
    invoices_unread: '',
    unsent_count: 0,
    billed_before_count: 0,
    dropped_count: 0,
    failure_count: 0,
    difference_count: 0,
    created_at: new Date().toISOString(),
    ...part,
  }
}

function differ(part: Partial<Difference>): Difference {
  return {
    kind: 'no_charge',
    organization: 'Tailspin Toys',
    organization_id: 'org-3',
    agreement: 'Cloud Services',
    agreement_id: 'agr-3',
    addition_id: '7700',
    subscription: 'Power BI Pro',
    currency: 'EUR',
    amount: '30.00',
    charged: '0.00',
    expected: '30.00',
    reason: 'It bills although AppXite charges nothing for it.',
    next_step: 'Decide in the next plan whether it ends or stays.',
    ...part,
  }
}

function openReceipt(part: Partial<Receipt> = {}, path = '/receipts/run-9') {
  return openApp(path, { prepare: ({ receipts }) => void receipts.set('run-9', receiptOf(part)) })
}

const verdicts = () =>
  ['arrived', 'accounted_for', 'bills_as_charged'].map(
    (name) => screen.getByTestId(`statement-${name}`).dataset.verdict,
  )

function bill(part: Partial<BilledPeriod>): BilledPeriod {
  return {
    organization: 'Tailspin Toys',
    organization_id: 'org-3',
    agreement: 'Cloud Services',
    agreement_id: 'agr-3',
    period_start: `${PREVIOUS}-01`,
    period_end: `${PREVIOUS}-28`,
    currency: 'EUR',
    expected: '100.00',
    billed: '100.00',
    difference: '0.00',
    state: 'as_expected',
    cause: '',
    invoice_numbers: ['4711'],
    next_step: '',
    ...part,
  }
}

describe('what ConnectWise invoiced', () => {
  test('stands beside what was expected, what differs first', async () => {
    openReceipt({
      billed: [
        bill({}),
        bill({ period_start: `${PREVIOUS}-02`, state: 'not_invoiced', billed: null, difference: null }),
        bill({
          agreement_id: 'agr-4',
          state: 'differs',
          billed: '95.00',
          difference: '-5.00',
          cause: 'A person changed the addition of Power BI before invoicing.',
          next_step: 'Compare the invoice with the charges.',
        }),
      ],
    })
    const rows = await screen.findAllByTestId('billed-row')
    expect(rows.map((row) => row.dataset.state)).toEqual(['differs', 'not_invoiced', 'as_expected'])
    expect(rows[0]).toHaveTextContent('5.00')
    expect(rows[0]).toHaveTextContent('too little')
    expect(rows[0]).toHaveTextContent('A person changed the addition of Power BI before invoicing.')
    expect(rows[1]).toHaveTextContent('Not invoiced yet')
    expect(rows[2]).toHaveTextContent('Invoice 4711.')
  })

  test('is said to be unread where the right is missing', async () => {
    openReceipt({
      billed: [bill({ state: 'not_invoiced', billed: null })],
      invoices_unread: 'The right is missing.',
    })
    expect(await screen.findByText('The right is missing.')).toBeVisible()
  })

  test('has no section where nothing was expected', async () => {
    openReceipt()
    await screen.findByTestId('receipt-totals')
    expect(screen.queryByTestId('receipt-billed')).toBeNull()
  })
})

describe('a receipt', () => {
  test('is green three times only when everything was sent and bills as charged', async () => {
    openReceipt()
    expect(await screen.findByTestId('statement-accounted_for')).toHaveTextContent('100.0 % sent')
    expect(verdicts()).toEqual(['yes', 'yes', 'yes'])
  })

  test('money that was not sent keeps its statement from being green', async () => {
    openReceipt({
      totals: [{ ...TOTAL, additions_total: '64.29', unsent_total: '35.71', expected_billed: '64.29' }],
      unsent_count: 1,
      unsent: [
        {
          line_id: 'line-1',
          invoice_id: 'inv-1',
          invoice_number: 'INV-0042',
          row_id: 'row-1',
          organization_id: 'org-3',
          organization: 'Tailspin Toys',
          product: 'Power BI Pro',
          subscription: 'Power BI Pro, 12 seats',
          currency: 'EUR',
          amount: '35.71',
          status: 'held',
          reasons: ['product_unmapped'],
          billed_by: '',
        },
      ],
    })
    expect(await screen.findByTestId('statement-accounted_for')).toHaveTextContent('64.2 % sent')
    expect(verdicts()).toEqual(['yes', 'part', 'yes'])
    const row = screen.getByTestId('unsent-row')
    for (const words of ['Power BI Pro, 12 seats', 'INV-0042', 'Product not mapped'])
      expect(row).toHaveTextContent(words)
    expect(within(row).getByRole('link', { name: 'See the line' })).toHaveAttribute(
      'href',
      expect.stringContaining('line=line-1'),
    )
  })

  test('too much and too little never cancel each other out', async () => {
    openReceipt({
      ties_out: false,
      bills_as_charged: false,
      totals: [{ ...TOTAL, bills_as_charged: false }],
      differences: [
        differ({}),
        differ({ kind: 'less', addition_id: '7701', amount: '-30.00', charged: '70.00', expected: '40.00' }),
      ],
      difference_count: 2,
    })
    const statement = await screen.findByTestId('statement-bills_as_charged')
    expect(statement).toHaveTextContent('30.00 EUR too much')
    expect(statement).toHaveTextContent('30.00 EUR too little')
    expect(verdicts()).toEqual(['yes', 'yes', 'no'])
    const [over, under] = screen.getAllByTestId('difference-row')
    expect(over).toHaveTextContent('30.00 EURtoo much')
    expect(over).toHaveTextContent('Decide in the next plan whether it ends or stays.')
    expect(within(over!).getByRole('link')).toHaveAttribute('href', expect.stringContaining(PREVIOUS))
    expect(under).toHaveTextContent('30.00 EURtoo little')
  })

  test('a cent that is nowhere is marked on its row, with the failure behind it', async () => {
    openReceipt({
      ties_out: false,
      arrived: false,
      accounted_for: false,
      totals: [{ ...TOTAL, additions_total: '99.99', ties_out: false }],
      failures: [
        {
          line_id: 'line-1',
          organization_id: 'org-3',
          organization: 'Tailspin Toys',
          agreement: 'Cloud',
          addition_id: '1',
          currency: 'EUR',
          amount: '0.01',
          error: 'ConnectWise kept another price.',
        },
      ],
      failure_count: 1,
    })
    expect(await screen.findByTestId('receipt-totals')).toHaveTextContent('≠ not accounted for')
    expect(screen.getByTestId('receipt-failures')).toHaveTextContent('ConnectWise kept another price.')
    expect(verdicts()).toEqual(['no', 'no', 'yes'])
  })

  test('an older one shows what it proved then and claims no more', async () => {
    openReceipt({
      arrived: null,
      accounted_for: null,
      bills_as_charged: null,
      totals: [
        { ...TOTAL, expected_billed: null, not_billable: null, sent_percent: null, bills_as_charged: null },
      ],
    })
    expect(await screen.findByTestId('statement-bills_as_charged')).toHaveTextContent(
      'made before Tieout compared additions with what will be billed',
    )
    expect(verdicts()).toEqual(['unknown', 'yes', 'unknown'])
    expect(screen.getByTestId('receipt-totals')).not.toHaveTextContent('Expected to be billed')
  })

  test('one that examined nothing is no all-clear', async () => {
    openReceipt({ examined: 0, totals: [] })
    await screen.findByTestId('receipt')
    expect(verdicts()).toEqual(['unknown', 'unknown', 'unknown'])
  })

  test('one of a part of the month says what it is about', async () => {
    openReceipt({
      scope: { period: PREVIOUS, organization_ids: ['org-3'], agreement_ids: [], line_ids: [] },
    })
    expect(await screen.findByTestId('plan-scope')).toHaveTextContent('about 1 organization only')
  })

  test('is exported as a workbook or as CSV', async () => {
    const { user } = openReceipt()
    await user.click(await screen.findByTestId('export-receipt'))
    expect(await screen.findByRole('menuitem', { name: 'Excel workbook' })).toHaveAttribute(
      'href',
      '/api/v1/receipts/run-9/export?format=xlsx',
    )
  })

  test('the dashboard gives the verdict that counts most', async () => {
    openReceipt({ ties_out: false, bills_as_charged: false, difference_count: 3 }, '/')
    expect(await screen.findByText('Will not bill as charged')).toBeVisible()
    expect(screen.getByText(/3 differences/)).toBeVisible()
  })
})

describe('what price rules add', () => {
  test('has a column where it is anything', async () => {
    openReceipt({
      totals: [{ ...TOTAL, additions_total: '110.00', marked_up: '10.00', expected_billed: '110.00' }],
    })
    const totals = await screen.findByTestId('receipt-totals')
    expect(within(totals).getByRole('columnheader', { name: 'Marked up' })).toBeVisible()
    expect(within(totals).getAllByText(/10\.00/).length).toBeGreaterThan(1)
  })

  test('has none where it is nothing', async () => {
    openReceipt({ totals: [{ ...TOTAL, marked_up: '0.00' }] })
    await screen.findByTestId('receipt-totals')
    expect(screen.queryByRole('columnheader', { name: 'Marked up' })).toBeNull()
  })
})
