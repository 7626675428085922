import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { openApp } from '../app'
import { server } from '../server'

const REFUSED = 'exception 1 is about the same lines and decides this already: take one of them away'

/** The page has some forty fields, and every letter that is typed draws them again. */
const PATIENCE = 60_000

describe('price rules', { timeout: PATIENCE }, () => {
  test('a markup for all lines, and another for one customer', async () => {
    const { user, world } = openApp('/settings/rules')
    fireEvent.change(await screen.findByLabelText('Markup, %'), { target: { value: '12,5' } })
    await user.click(screen.getByText('Add a currency'))
    fireEvent.change(screen.getByLabelText('Currency'), { target: { value: 'eur' } })
    fireEvent.change(screen.getByLabelText('Amount in EUR'), { target: { value: '0.50' } })
    await user.click(screen.getByTestId('add-exception'))
    const exception = within(screen.getByTestId('price-exception'))
    const { id, name } = world.organizations[0]!
    await user.click(exception.getByLabelText('Customer', { selector: 'input' }))
    const options = await screen.findByRole('listbox', { name: 'Customer' })
    await user.click(within(options).getByText(name))
    fireEvent.change(exception.getByLabelText('Markup, %'), { target: { value: '0' } })
    await user.click(screen.getByTestId('save-rules'))
    await waitFor(() => expect(world.rules.rules.pricing?.markup_percent).toBe('12.5'))
    expect(world.rules.rules.pricing?.markup_fixed).toEqual({ EUR: '0.50' })
    expect(world.rules.rules.overrides).toEqual([
      { match: { organization_id: id }, pricing: { markup_percent: '0' } },
    ])
  })

  test('what cannot work is refused in words at its field', async () => {
    const { user } = openApp('/settings/rules')
    server.use(
      http.put('*/api/v1/billing-rules', () =>
        HttpResponse.json(
          {
            title: 'Rules cannot work',
            code: 'rules_cannot_work',
            detail: REFUSED,
            action: 'Correct it.',
            errors: [{ field: 'rules.overrides.0.pricing.markup_percent', message: REFUSED }],
          },
          { status: 422 },
        ),
      ),
    )
    await user.click(await screen.findByTestId('add-exception'))
    const exception = within(screen.getByTestId('price-exception'))
    fireEvent.change(exception.getByLabelText('Markup, %'), { target: { value: '5' } })
    await user.click(screen.getByTestId('save-rules'))
    expect(await exception.findByText(REFUSED)).toBeVisible()
  })

  test('an exception is taken away', async () => {
    const { user } = openApp('/settings/rules')
    await user.click(await screen.findByTestId('add-exception'))
    await user.click(screen.getByLabelText('Take exception 1 away'))
    expect(screen.queryByTestId('price-exception')).toBeNull()
  })
})
