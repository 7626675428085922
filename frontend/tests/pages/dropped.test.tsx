import { screen, waitFor } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { makeWorld, months } from '../../mock/world'
import { openApp } from '../app'

const [, PREVIOUS] = months()

describe('a line that a rule drops', () => {
  test('names its rule and is sent all the same where a person says so', async () => {
    const [first] = makeWorld(60).lines.get(PREVIOUS)!
    const { user, world } = openApp(`/invoices?line=${first!.id}`, {
      prepare: ({ lines }) => {
        const line = lines.get(PREVIOUS)![0]!
        Object.assign(line, { status: 'dropped', dropped_by: 'zero_lines', hold_reasons: [] })
      },
    })
    expect(await screen.findByTestId('dropped-by')).toHaveTextContent('Rule: Drop zero lines.')
    await user.click(screen.getByTestId('include-dropped'))
    await waitFor(() => expect(world.lines.get(PREVIOUS)![0]!.version).toBeGreaterThan(first!.version))
  })
})
