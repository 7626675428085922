import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { examined, type Run, type World } from '../../mock/world'
import { openApp } from '../app'

const ended = (outcomes: Run['outcomes'], change: Partial<Run> = {}) => ({
  prepare: (world: World) =>
    Object.assign(world.runs[0]!, {
      kind: 'examination',
      status: 'succeeded',
      periods: [],
      outcomes,
      ...change,
    }),
})

const asOwner = (world: World) => {
  world.roles = ['owner']
}

describe('the check for duplicates', () => {
  test('an owner starts it and lands on its run', async () => {
    const { user, router, world } = openApp('/runs', { prepare: asOwner })
    await user.click(await screen.findByTestId('check-for-duplicates'))
    await waitFor(() => expect(router.state.location.pathname).toBe(`/runs/${world.runs[0]!.id}`))
    expect(world.runs[0]!.kind).toBe('examination')
    expect(await screen.findByRole('heading', { name: 'Check for duplicates' })).toBeVisible()
  })

  test('who may not start it is not shown the button', async () => {
    openApp('/runs')
    await screen.findByTestId('runs-table')
    expect(screen.queryByTestId('check-for-duplicates')).toBeNull()
  })

  test('an all-clear says how much was examined', async () => {
    openApp('/runs/run-1', ended(examined(87, 1_204, 0)))
    expect(await screen.findByTestId('examination-result')).toHaveTextContent(
      /^No open addition stands twice: 1,204 additions on 87 agreements examined\.$/,
    )
  })

  test('what stands twice is said with where the repair is shown', async () => {
    openApp('/runs/run-1', ended(examined(1, 2, 1)))
    expect(await screen.findByTestId('examination-result')).toHaveTextContent(
      '1 charge stands twice and would be billed twice: 2 additions on 1 agreement examined. ' +
        'The log names the additions. Plan the month again: the plan shows the repair and why.',
    )
  })

  test('what could not be read is no part of the all-clear', async () => {
    const unread = (count: number) => ({ count, amounts: {} })
    const outcomes = {
      ...examined(5, 9, 0),
      agreements_unreadable: unread(2),
      additions_unreadable: unread(1),
    }
    openApp('/runs/run-1', ended(outcomes))
    expect(await screen.findByTestId('examination-result')).toHaveTextContent(
      /examined\. 2 agreements could not be read and may hold others\. 1 addition could not be read/,
    )
  })

  test('where there was nothing to examine it says so', async () => {
    openApp('/runs/run-1', ended({}))
    expect(await screen.findByTestId('examination-result')).toHaveTextContent(
      'There was nothing to examine: no addition of ours is on any agreement.',
    )
  })

  test('one that failed gives no result', async () => {
    openApp('/runs/run-1', ended({}, { status: 'failed', error: 'No agreement could be read.' }))
    expect(await screen.findByTestId('run-error')).toHaveTextContent('No agreement could be read.')
    expect(screen.queryByTestId('examination-result')).toBeNull()
  })

  test('the list of runs says the result in the same words', async () => {
    openApp('/runs', ended(examined(87, 1_204, 0)))
    const row = await screen.findByTestId('run-row')
    expect(within(row).getByText(/No open addition stands twice: 1,204 additions/)).toBeVisible()
  })
})
