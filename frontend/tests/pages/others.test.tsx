import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import type { World } from '../../mock/world'
import { openApp } from '../app'

describe('runs', () => {
  test('a load shows the invoice it kept out, why, and by how much', async () => {
    openApp('/runs/run-1', { lines: 300 })
    const row = await screen.findByTestId('invoice-quarantined')
    expect(row).toHaveTextContent('Its rows do not add up to its total.')
    expect(within(row).getAllByText(/EUR|USD/).length).toBe(2)
  })

  test('a load is started again from its run', async () => {
    const { user, router, world } = openApp('/runs/run-1')
    await user.click(await screen.findByTestId('load-again'))
    await waitFor(() => expect(router.state.location.pathname).toBe(`/runs/${world.runs[0]!.id}`))
    expect(world.runs[0]!.periods).toEqual(world.runs.at(-1)!.periods)
  })

  test('a run that failed says why', async () => {
    openApp('/runs/run-1', {
      prepare: (world) =>
        Object.assign(world.runs[0]!, { status: 'failed', error: 'AppXite did not answer.' }),
    })
    expect(await screen.findByTestId('run-error')).toHaveTextContent('AppXite did not answer.')
  })

  test('a plan that was computed leads to itself', async () => {
    const { user, router } = openApp('/runs/run-1', {
      prepare: (world) =>
        Object.assign(world.runs[0]!, { kind: 'plan', status: 'succeeded', plan_id: 'plan-7' }),
    })
    expect(await screen.findByRole('heading', { name: /Compute plan/ })).toBeVisible()
    expect(screen.getByText('Plan computed: it can be read and pushed.')).toBeVisible()
    await user.click(screen.getByRole('link', { name: 'See the plan' }))
    expect(router.state.location.pathname).toBe('/plans/plan-7')
  })

  test('a plan that could not be computed says so and why', async () => {
    openApp('/runs/run-1', {
      prepare: (world) =>
        Object.assign(world.runs[0]!, { kind: 'plan', status: 'failed', error: 'No agreement answered.' }),
    })
    expect(await screen.findByText('Plan failed: it could not be computed.')).toBeVisible()
    expect(screen.getByTestId('run-error')).toHaveTextContent('No agreement answered.')
  })
})

describe('system logs', () => {
  test('a level narrows the rows and stays in the URL', async () => {
    const { user, router } = openApp('/system-logs')
    await waitFor(() => expect(screen.getAllByTestId('log-row')).toHaveLength(5))
    await user.click(screen.getByRole('radio', { name: 'Error' }))
    await waitFor(() => expect(screen.getAllByTestId('log-row')).toHaveLength(1))
    expect(router.state.location.search).toEqual({ level: 'ERROR' })
  })
})

describe('undelivered facts', () => {
  const rest = (world: World) => {
    world.roles = ['owner']
    world.undelivered = ['a', 'b'].map((id) => ({
      event_id: id,
      consumer: 'billing',
      type: 'sync.rows.loaded.v1',
      subject: 'period/2026-10',
      occurred_at: '2026-11-01T08:00:00Z',
      rested_at: '2026-11-01T08:20:00Z',
      attempts: 12,
      error: 'RuntimeError: the disk is full',
    }))
  }

  test('without any, nothing is shown of them', async () => {
    openApp('/system-logs')
    await screen.findAllByTestId('log-row')
    expect(screen.queryByTestId('undelivered')).toBeNull()
  })

  test('each shows its error and is tried again', async () => {
    const { user } = openApp('/system-logs', { prepare: rest })
    const facts = await screen.findAllByTestId('undelivered-fact')
    expect(facts[0]).toHaveTextContent('the disk is full')
    await user.click(within(facts[0]!).getByRole('button', { name: 'Try again' }))
    await waitFor(() => expect(screen.getAllByTestId('undelivered-fact')).toHaveLength(1))
    await user.click(screen.getByTestId('retry-all'))
    await waitFor(() => expect(screen.queryByTestId('undelivered')).toBeNull())
  })

  test('who may look but not change sees no button', async () => {
    openApp('/system-logs', {
      prepare: (world) => {
        rest(world)
        world.roles = ['auditor']
      },
    })
    await screen.findAllByTestId('undelivered-fact')
    expect(screen.queryByTestId('retry-all')).toBeNull()
  })
})

describe('settings', () => {
  test('a secret that is stored is never shown, and an empty field does not replace it', async () => {
    const { user, world } = openApp('/settings/connections')
    const key = await screen.findByTestId('connectwise-private_key')
    expect(key).toHaveValue('')
    await user.clear(screen.getByTestId('connectwise-company_id'))
    await user.type(screen.getByTestId('connectwise-company_id'), 'other')
    await user.click(screen.getByTestId('save-connectwise'))
    await waitFor(() => expect(world.connections.connectwise.settings).toEqual({ company_id: 'other' }))
  })

  test('a test names the right that is missing', async () => {
    const { user } = openApp('/settings/connections')
    await user.click(await screen.findByTestId('test-connectwise'))
    const checks = await screen.findByTestId('connection-checks')
    expect(within(checks).getByRole('img', { name: 'Missing' }).closest('li')).toHaveTextContent(
      'Write additions',
    )
  })

  test('what was learned of ConnectWise is shown with its evidence, and can be forgotten', async () => {
    const { user, world } = openApp('/settings/connections')
    const trait = await screen.findByTestId('trait-price_decimals')
    expect(trait).toHaveTextContent('Learned from addition 70012: 1.9435 was sent, 1.94 is kept')
    await user.click(within(trait).getByRole('button', { name: 'Forget' }))
    await waitFor(() => expect(trait).toHaveTextContent('Not known yet: a first guess'))
    expect(world.traits[0]).toMatchObject({ origin: 'guessed', learned: null })
  })

  test('two decimals of a unit price are a rule', async () => {
    const { user, world } = openApp('/settings/rules')
    const label = 'When a total needs a unit price of more than two decimals'
    await user.click(await screen.findByRole('combobox', { name: label }))
    await user.click(
      await screen.findByRole('option', { name: 'Keep two decimals, and send quantity 1 at the total' }),
    )
    await user.click(screen.getByTestId('save-rules'))
    await waitFor(() => expect(world.rules.rules.quantities).toBe('two_decimals'))
  })

  test('rules are saved as the next version', async () => {
    const { user, world } = openApp('/settings/rules')
    await user.click(await screen.findByLabelText(/Send the usage of a subscription/))
    await user.click(screen.getByTestId('save-rules'))
    await waitFor(() => expect(world.rules.version).toBe(4))
    expect(world.rules.rules.collapse_usage).toBe(true)
  })

  test('lines of zero are sent or dropped, never both, and prorations are dropped by a switch', async () => {
    const { user, world } = openApp('/settings/rules', {
      prepare: ({ rules }) => void (rules.rules.allow_zero_price = true),
    })
    await user.click(await screen.findByTestId('zero-lines'))
    await user.click(await screen.findByText('Drop it: send nothing, ask nothing'))
    await user.click(screen.getByTestId('drop-prorations'))
    expect(screen.getByText(/prorations, cancellations, discounts and refunds alike/)).toBeVisible()
    await user.click(screen.getByTestId('save-rules'))
    await waitFor(() => expect(world.rules.rules.drop_zero_lines).toBe(true))
    expect(world.rules.rules).toMatchObject({ allow_zero_price: false, drop_favourable_prorations: true })
  })

  test('late charges have a rule for what bills once and one for what recurs', async () => {
    const { user, world } = openApp('/settings/rules')
    await user.click(await screen.findByRole('combobox', { name: /period of a one-time charge/ }))
    await user.click(await screen.findByRole('option', { name: 'Hold the line' }))
    await user.click(screen.getByRole('combobox', { name: /period of a recurring charge/ }))
    await user.click(await screen.findByRole('option', { name: /Bill it once, in the next open period/ }))
    await user.click(screen.getByTestId('save-rules'))
    await waitFor(() => expect(world.rules.rules.late_one_time).toBe('hold'))
    expect(world.rules.rules.late_recurring).toBe('next_open_period')
  })

  test('what bills without a charge is asked about, ended or kept, cause by cause', async () => {
    const { user, world } = openApp('/settings/rules')
    expect(await screen.findByRole('combobox', { name: /complete month brings no line/ })).toHaveValue(
      'End its addition',
    )
    expect(screen.getByRole('combobox', { name: /vanished from its invoice/ })).toHaveValue('Ask me')
    await user.click(screen.getByRole('combobox', { name: /was excluded after it was pushed/ }))
    await user.click(await screen.findByRole('option', { name: 'Keep billing it' }))
    await user.click(screen.getByTestId('save-rules'))
    await waitFor(() => expect(world.rules.rules.when_undecided).toEqual({ absent: 'end', excluded: 'keep' }))
  })

  test('recurring additions end with the period charged, by rule', async () => {
    const { user, world } = openApp('/settings/rules')
    expect(await screen.findByRole('radio', { name: 'When their subscription ends' })).toBeChecked()
    await user.click(screen.getByRole('radio', { name: /With the billing period charged/ }))
    await user.click(screen.getByTestId('save-rules'))
    await waitFor(() => expect(world.rules.rules.recurring_end).toBe('period_charged'))
  })

  test('a token is shown once', async () => {
    const { user } = openApp('/settings/tokens')
    await user.click(await screen.findByTestId('new-token'))
    await user.type(await screen.findByRole('textbox', { name: /Name/ }), 'Reporting')
    await user.click(screen.getByRole('button', { name: 'Make token' }))
    expect(await screen.findByTestId('token-text')).toHaveTextContent('tio_mock_0123456789')
    await user.click(screen.getByRole('button', { name: 'Done' }))
    await waitFor(() => expect(screen.queryByTestId('token-text')).toBeNull())
    expect(screen.getByTestId('tokens')).toHaveTextContent('Reporting')
  })
})

describe('the shell', () => {
  test('g and a letter go to a place', async () => {
    const { user, router } = openApp('/runs')
    await screen.findByTestId('runs-table')
    await user.keyboard('gm')
    await waitFor(() => expect(router.state.location.pathname).toBe('/mapping/organizations'))
  })

  test('? shows the keys', async () => {
    const { user } = openApp('/runs')
    await screen.findByTestId('runs-table')
    await user.keyboard('?')
    expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toBeInTheDocument()
  })

  test('an address that leads nowhere says so', async () => {
    openApp('/nowhere')
    expect(await screen.findByText('There is no page at this address')).toBeInTheDocument()
  })
})
