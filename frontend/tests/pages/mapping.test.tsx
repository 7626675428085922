import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { openApp } from '../app'

async function rowOf(name: string): Promise<HTMLElement> {
  const rows = await screen.findAllByTestId('organization-row')
  return rows.find((row) => row.textContent?.startsWith(name))!
}

describe('mapping organizations', () => {
  test('a suggestion shows its score and reason, and is accepted by one click', async () => {
    const { user, world } = openApp('/mapping/organizations')
    const row = await rowOf('Tailspin Toys')
    expect(within(row).getByTestId('suggestion')).toHaveTextContent(
      'likely: same name without the legal form',
    )
    await user.click(within(row).getByTestId('accept-suggestion'))
    await waitFor(() => expect(world.organizations[3]!.state).toBe('mapped'))
    await waitFor(async () => expect(await rowOf('Tailspin Toys')).toHaveAttribute('data-state', 'mapped'))
  })

  test('all suggestions shown are accepted at once, never by themselves', async () => {
    const { user, world } = openApp('/mapping/organizations')
    expect(world.organizations.filter(({ state }) => state === 'suggested')).toHaveLength(2)
    await user.click(await screen.findByTestId('accept-all'))
    await waitFor(() =>
      expect(world.organizations.filter(({ state }) => state === 'suggested')).toHaveLength(0),
    )
  })

  test('an excluded organization is approved, a mapped one excluded', async () => {
    const { user, world } = openApp('/mapping/organizations')
    await user.click(within(await rowOf('Trey Research')).getByTestId('approve'))
    await waitFor(() => expect(world.organizations[14]!.state).toBe('unmapped'))
    await user.click(within(await rowOf('Woodgrove Bank')).getByTestId('exclude'))
    await waitFor(() => expect(world.organizations[15]!.state).toBe('excluded'))
  })

  test('a company is found by typing and chosen', async () => {
    const { user, world } = openApp('/mapping/organizations')
    const row = await rowOf('Litware Dental Group')
    await user.click(within(row).getByTestId('choose-company'))
    await user.type(await screen.findByRole('combobox'), 'Litware')
    await user.click(await screen.findByRole('option', { name: /Litware Dental Group Ltd/ }))
    await waitFor(() => expect(world.organizations[6]!.company?.id).toBe('co-6'))
  })

  test('states narrow the list and stay in the URL', async () => {
    const { user, router } = openApp('/mapping/organizations')
    await user.click(await screen.findByRole('radio', { name: /Excluded 1/ }))
    await waitFor(() => expect(screen.getAllByTestId('organization-row')).toHaveLength(1))
    expect(router.state.location.search).toEqual({ state: 'excluded' })
  })

  test('Sync Organizations starts a run that is seen under way', async () => {
    const { user, world } = openApp('/mapping/organizations')
    await user.click(await screen.findByTestId('sync-organizations'))
    await waitFor(() => expect(world.runs[0]!.kind).toBe('mirror'))
  })
})

describe('mapping products', () => {
  test('an offer is mapped to a catalog item', async () => {
    const { user, world } = openApp('/mapping/products?state=unmapped')
    await user.click(await screen.findByTestId('choose-catalog-item'))
    await user.click(await screen.findByRole('option', { name: /CSP-103/ }))
    await waitFor(() => expect(world.products[9]!.product?.id).toBe('cat-3'))
  })
})
