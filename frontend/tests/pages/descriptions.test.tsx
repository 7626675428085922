import { screen, waitFor } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { openApp } from '../app'

describe('Descriptions', () => {
  test('a placeholder is inserted where the cursor stands, and real lines show how it reads', async () => {
    const { user } = openApp('/settings/rules')
    const field = await screen.findByLabelText('Description on the invoice')
    await user.clear(field)
    await user.click(screen.getByRole('button', { name: 'Insert offer' }))
    expect(field).toHaveValue('{offer}')
    const preview = screen.getByTestId('description-preview')
    await waitFor(() => expect(preview).toHaveTextContent('So lines of the newest month would read'))
    await waitFor(() => expect(preview.querySelector('strong')).not.toHaveTextContent('Fee'))
  })
})
