import { screen, waitFor, within } from '@testing-library/react'
import { http } from 'msw'
import { describe, expect, test } from 'vitest'
import type { Plan } from '@/api/plans'
import { problem } from '../../mock/problem'
import { months } from '../../mock/world'
import { openApp } from '../app'
import { server } from '../server'

const [, PREVIOUS] = months()

const NOTHING = { count: 0, amounts: {} }

function readyPlan(id: string, organization_ids: string[] = []): Plan {
  return {
    id,
    period: PREVIOUS,
    scope: { period: PREVIOUS, organization_ids, agreement_ids: [], line_ids: [], subscription_id: null },
    status: 'ready',
    summary: { create: 1, update: 0, cancel: 0, close: 0, adopt: 0, true_up: 0, undecided: 0, none: 0 },
    marked_up: {},
    amounts: {},
    unsent: NOTHING,
    dropped: NOTHING,
    by_hand: { billed_before: NOTHING, asked: NOTHING, adopted: NOTHING, untouched: NOTHING },
    calls_needed: 1,
    error: '',
    requested_by: 'Dana Reyes',
    moved: [],
    invoices_unread: '',
    created_at: new Date().toISOString(),
    computed_at: new Date().toISOString(),
    computing_run_id: null,
    run_id: null,
  }
}

async function openPlan() {
  const app = openApp('/invoices')
  await waitFor(() => expect(screen.getByTestId('plan-button')).toBeEnabled())
  await app.user.click(screen.getByTestId('plan-button'))
  await screen.findByTestId('apply-button')
  return app
}

describe('planning and pushing', () => {
  test('a plan says how many operations it has and what stays behind', async () => {
    const { world } = await openPlan()
    const lines = world.lines.get(PREVIOUS)!
    const ready = lines.filter(({ status }) => status === 'ready').length
    expect(screen.getByTestId('apply-button')).toHaveTextContent(`Push ${ready + 1} changes`)
    expect(screen.getByTestId('plan-true_up')).toHaveTextContent('1')
    expect(screen.getByTestId('plan-unsent')).toHaveTextContent(String(lines.length - ready))
  })

  test('operations stand by customer with values before and after', async () => {
    const { user } = await openPlan()
    await user.click(screen.getByRole('radio', { name: /Update/ }))
    const row = (await screen.findAllByTestId('operation-row'))[0]!
    expect(within(row).getByText('9', { selector: 'del' })).toBeInTheDocument()
    expect(row).toHaveTextContent('Quantity')
  })

  test('pushing ends on a receipt that lists what was not sent, and is not green about it', async () => {
    const { user, router } = await openPlan()
    await user.click(screen.getByTestId('apply-button'))
    await user.click(await screen.findByTestId('apply-confirm'))
    const receipt = await screen.findByTestId('receipt')
    expect(router.state.location.pathname).toMatch(/^\/receipts\//)
    const accounted = within(receipt).getByTestId('statement-accounted_for')
    expect(accounted).toHaveAttribute('data-verdict', 'part')
    expect(accounted).toHaveTextContent(/[\d.]+ % sent/)
    expect(within(receipt).getByTestId('receipt-totals')).toHaveTextContent('All, EUR')
    expect(within(receipt).getByTestId('receipt-unsent')).toHaveTextContent('Organization not mapped')
  })

  test('a plan whose ground has moved is refused, says what moved, and can be made again', async () => {
    const { user, world, router } = await openPlan()
    const plan = [...world.plans.values()][0]!
    Object.assign(plan, { status: 'stale', moved: ['Addition 8812 was changed in ConnectWise.'] })
    await user.click(screen.getByTestId('apply-button'))
    await user.click(await screen.findByTestId('apply-confirm'))
    expect(await screen.findByTestId('plan-trouble')).toHaveTextContent(
      'Addition 8812 was changed in ConnectWise.',
    )
    await user.keyboard('{Escape}')
    await user.click(screen.getByTestId('replan-button'))
    await waitFor(() => expect(router.state.location.pathname).not.toBe(`/plans/${plan.id}`))
  })

  test('a plan of one customer says so, and is made again for that customer', async () => {
    const { user, world, router } = await openPlan()
    const [plan] = world.plans.values()
    Object.assign(plan!, {
      status: 'stale',
      scope: {
        period: PREVIOUS,
        organization_ids: ['org-3'],
        agreement_ids: [],
        line_ids: [],
        subscription_id: null,
      },
    })
    await user.click(screen.getByTestId('apply-button'))
    await user.click(await screen.findByTestId('apply-confirm'))
    expect(await screen.findByTestId('plan-scope')).toHaveTextContent('about 1 organization only')
    await user.keyboard('{Escape}')
    await user.click(screen.getByTestId('replan-button'))
    await waitFor(() => expect(router.state.location.pathname).not.toBe(`/plans/${plan!.id}`))
    expect([...world.plans.values()].at(-1)!.scope.organization_ids).toEqual(['org-3'])
  })

  test('a plan of one customer is not offered as the plan of the month', async () => {
    openApp('/invoices', {
      prepare: ({ plans }) => {
        plans.set('month', readyPlan('month'))
        plans.set('customer', readyPlan('customer', ['org-3']))
      },
    })
    expect(await screen.findByText('A plan is ready')).toHaveAttribute('href', '/plans/month')
  })

  test('a plan that does not exist says what to do', async () => {
    openApp('/plans/nowhere')
    server.use(
      http.get('*/api/v1/plans/:id', () =>
        problem(404, 'plan_not_found', 'There is no such plan.', 'Plan again.'),
      ),
    )
    expect(await screen.findByTestId('problem')).toHaveTextContent('Plan again.')
  })
})
