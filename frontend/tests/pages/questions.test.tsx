import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import type { World } from '../../mock/world'
import { openApp } from '../app'

async function openPlan(prepare?: (world: World) => void) {
  const app = openApp('/invoices', { prepare })
  await waitFor(() => expect(screen.getByTestId('plan-button')).toBeEnabled())
  await app.user.click(screen.getByTestId('plan-button'))
  const questions = await screen.findByTestId('questions')
  const asked = () => [...app.world.operations.values()].flat().filter(({ cause }) => cause !== null)
  return { ...app, questions, asked }
}

const firstRow = (cause: string) =>
  within(screen.getByTestId(`cause-${cause}`)).getAllByTestId('question-row')[0]!

describe('additions that bill without a charge', () => {
  test('a plan opens on them, with their money and why, by cause', async () => {
    const { questions, asked } = await openPlan()
    expect(within(questions).getByRole('heading', { name: 'Needs your decision' })).toBeVisible()
    expect(screen.getByTestId('questions-lead')).toHaveTextContent(
      new RegExp(`${asked().length} additions would bill [\\d,.]+ EUR`),
    )
    expect(screen.getByTestId('cause-absent')).toHaveTextContent('Not charged in a complete month')
    const summary = screen.getByTestId('plan-summary')
    expect(questions.compareDocumentPosition(summary)).toBe(Node.DOCUMENT_POSITION_FOLLOWING)
  })

  test('one is ended: its last billed day was said before, and it counts as a change of the push', async () => {
    const { user, asked } = await openPlan()
    const before = screen.getByTestId('apply-button').textContent
    expect(firstRow('held')).toHaveTextContent(/If ended, it bills through \d\d \w+ \d{4}/)
    await user.click(within(firstRow('held')).getByTestId('choose-end'))
    await waitFor(() => expect(firstRow('held')).toHaveAttribute('data-choice', 'end'))
    expect(firstRow('held')).toHaveTextContent(/Bills through .* · Dana Reyes/)
    expect(screen.getByTestId('apply-button')).not.toHaveTextContent(before!)
    expect(asked().filter(({ kind }) => kind === 'close')).toHaveLength(1)
  })

  test('one that would bill no day at all says so', async () => {
    await openPlan()
    expect(firstRow('vanished')).toHaveTextContent('If ended, it never bills')
  })

  test('keeping one needs a reason, which is shown with the day until which it holds', async () => {
    const { user, asked } = await openPlan()
    await user.click(within(firstRow('held')).getByTestId('choose-keep'))
    expect(await screen.findByTestId('keep-confirm')).toBeDisabled()
    await user.type(screen.getByTestId('keep-reason'), 'Paid by contract')
    await user.type(screen.getByTestId('keep-until'), '2099-12-31')
    await user.click(screen.getByTestId('keep-confirm'))
    await waitFor(() =>
      expect(firstRow('held')).toHaveTextContent(
        'Goes on billing until 31 Dec 2099 · Dana Reyes: Paid by contract',
      ),
    )
    expect(asked().filter(({ choice }) => choice === 'keep')).toHaveLength(1)
    expect(screen.queryByTestId('keep-confirm')).toBeNull()
  })

  test('a group is ended in one go, and the button says how much less is billed', async () => {
    const { user, asked } = await openPlan()
    const group = screen.getByTestId('cause-held')
    const rows = within(group).getAllByTestId('question-row')
    await user.click(within(group).getByRole('checkbox', { name: /Select all/ }))
    const button = screen.getByTestId('end-selected')
    expect(button).toHaveTextContent(new RegExp(`^End ${rows.length} additions, \u2212[\\d,.]+ EUR`))
    await user.click(button)
    await waitFor(() => expect(asked().filter(({ choice }) => choice === 'end')).toHaveLength(rows.length))
    await waitFor(() => expect(screen.queryByTestId('decide-bar')).toBeNull())
  })

  test('the keyboard selects some of a group and keeps just those', async () => {
    const { user, asked } = await openPlan()
    within(firstRow('held')).getByRole('checkbox').focus()
    await user.keyboard(' ')
    screen.getByTestId('keep-selected').focus()
    await user.keyboard('{Enter}')
    await user.type(await screen.findByTestId('keep-reason'), 'Agreed{Tab}')
    screen.getByTestId('keep-confirm').focus()
    await user.keyboard('{Enter}')
    await waitFor(() => expect(asked().filter(({ choice }) => choice === 'keep')).toHaveLength(1))
  })

  test('what was decided is decided again until the plan is pushed', async () => {
    const { user } = await openPlan()
    await user.click(within(firstRow('held')).getByTestId('choose-end'))
    await waitFor(() => expect(firstRow('held')).toHaveAttribute('data-choice', 'end'))
    await user.click(within(firstRow('held')).getByTestId('choose-later'))
    await waitFor(() => expect(firstRow('held')).toHaveAttribute('data-choice', 'later'))
    expect(firstRow('held')).toHaveTextContent('the next plan asks again')
  })

  test('pushing without decisions is possible, and says what goes on being billed', async () => {
    const { user, asked } = await openPlan()
    await user.click(screen.getByTestId('apply-button'))
    await waitFor(() =>
      expect(screen.getByTestId('bills-on')).toHaveTextContent(
        new RegExp(`${asked().length} additions go on billing [\\d,.]+ EUR.*0 kept on purpose`),
      ),
    )
    expect(screen.getByTestId('apply-confirm')).toBeEnabled()
  })

  test('a decision about a plan whose ground has moved is refused, and the plan says why', async () => {
    const { user, world } = await openPlan()
    Object.assign([...world.plans.values()][0]!, { status: 'stale', moved: ['Addition 7700 is gone.'] })
    await user.click(within(firstRow('held')).getByTestId('choose-end'))
    expect(await screen.findByTestId('plan-trouble')).toHaveTextContent('Addition 7700 is gone.')
    expect(screen.queryByTestId('choose-end')).toBeNull()
  })

  test('who may not edit reads them without any button', async () => {
    await openPlan((world) => {
      world.roles = ['viewer']
    })
    expect(firstRow('held')).toHaveTextContent('Not decided: it goes on billing')
    expect(screen.queryByTestId('choose-end')).toBeNull()
    expect(within(screen.getByTestId('questions')).queryAllByRole('checkbox')).toEqual([])
    expect(screen.queryByTestId('apply-button')).toBeNull()
  })

  test('a true-up leads to the line it corrects', async () => {
    const { user, router } = await openPlan()
    await user.click(await screen.findByRole('link', { name: 'See the line it corrects' }))
    expect(await screen.findByRole('dialog')).toHaveTextContent('From AppXite')
    expect(router.state.location.pathname).toBe('/invoices')
  })
})

describe('a complete month', () => {
  test('is said and taken back on the month itself', async () => {
    const { user, world } = openApp('/invoices')
    await user.click(await screen.findByRole('checkbox', { name: 'This month is complete' }))
    await waitFor(() => expect(world.completeMonths.size).toBe(1))
    await waitFor(() => expect(screen.getByTestId('complete')).toBeChecked())
    await user.click(screen.getByTestId('complete'))
    await waitFor(() => expect(world.completeMonths.size).toBe(0))
  })

  test('who may not edit only reads it', async () => {
    openApp('/invoices', {
      prepare: (world) => {
        world.roles = ['auditor']
        for (const period of world.lines.keys()) world.completeMonths.add(period)
      },
    })
    expect(await screen.findByText(/The month is complete\./)).toBeVisible()
    expect(screen.queryByTestId('complete')).toBeNull()
  })
})
