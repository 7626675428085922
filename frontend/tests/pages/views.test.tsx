import { screen, waitFor, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { months } from '../../mock/world'
import { contentOf, layoutOf, viewOf } from '@/pages/invoices/views/viewContent'
import { firstLayout } from '@/grid/layout'
import { LINE_COLUMNS } from '@/pages/invoices/columns'
import { filterOf, readLineView } from '@/pages/invoices/view'
import { formatCount } from '@/format'
import { openApp } from '../app'
import { server } from '../server'

const [, PREVIOUS] = months()

async function openInvoices(path = '/invoices') {
  const app = openApp(path)
  await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
  return app
}

describe('filters of any field', () => {
  test('a bound of the total narrows grid and tiles, and the tiles say so', async () => {
    const { user, router, world } = await openInvoices()
    const lines = world.lines.get(PREVIOUS!)!
    const found = lines.filter(({ total }) => Number(total) >= 100)
    expect(screen.queryByTestId('tiles-count')).toBeNull()
    await user.click(screen.getByTestId('add-filter'))
    await user.click(await screen.findByTestId('filter-field'))
    await user.click(await screen.findByRole('option', { name: 'Total' }))
    await user.type(await screen.findByTestId('filter-min'), '100')
    await user.click(screen.getByTestId('apply-filter'))
    await waitFor(() => expect(router.state.location.search).toMatchObject({ more: { total_min: '100' } }))
    const words = `${formatCount(found.length)} of ${formatCount(lines.length)} lines`
    await waitFor(() => expect(screen.getByTestId('tiles-count')).toHaveTextContent(words))
    expect(screen.getByTestId('status-tab-all')).toHaveTextContent(formatCount(found.length))
    expect(screen.getByTestId('filter-chips')).toHaveTextContent('Total at least 100')
  })

  test('the chip takes its filter back', async () => {
    const { user, router } = await openInvoices('/invoices?more={"total_min":"100"}')
    const chips = await screen.findByTestId('filter-chips')
    await user.click(await within(chips).findByLabelText('Remove the filter Total at least 100'))
    await waitFor(() => expect(screen.queryByTestId('filter-chips')).toBeNull())
    expect(router.state.location.search).not.toHaveProperty('more.total_min')
  })

  test('the headline stays the month whatever is filtered', async () => {
    const { user } = await openInvoices()
    await waitFor(() => expect(screen.getByTestId('standing')).toHaveTextContent(/ready/))
    const before = screen.getByTestId('standing').textContent
    await user.type(screen.getByTestId('line-search'), 'Woodgrove')
    await screen.findByTestId('tiles-count')
    expect(screen.getByTestId('standing').textContent).toBe(before)
  })
})

describe('groups', () => {
  test('lines are added up by customer, and a customer opens as its lines', async () => {
    const { user, router } = await openInvoices('/invoices')
    await user.click(screen.getByTestId('group-by'))
    await user.click(await screen.findByRole('option', { name: 'Organization' }))
    const rows = await screen.findAllByTestId('group-row')
    expect(rows[0]).toHaveTextContent(/\d/)
    await user.click(within(rows[0]!).getByRole('button'))
    await waitFor(() => expect(router.state.location.search).toHaveProperty('organization'))
    expect(router.state.location.search).not.toHaveProperty('group', 'organization')
    await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
  })
})

describe('saved views', () => {
  test('what is shown is kept under a name and comes back by it', async () => {
    const { user, router } = await openInvoices('/invoices?status=held&sort=-total')
    await user.click(screen.getByTestId('saved-views'))
    await user.click(await screen.findByTestId('save-view'))
    await user.type(await screen.findByTestId('view-name'), 'Held first')
    await user.click(screen.getByTestId('keep-view'))
    await waitFor(() => expect(screen.getByTestId('saved-views')).toHaveTextContent('Held first'))
    await user.click(screen.getByTestId('status-tab-all'))
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty('status', 'held'))
    await user.click(screen.getByTestId('saved-views'))
    await user.click(await screen.findByRole('menuitem', { name: /^Held first/ }))
    await waitFor(() =>
      expect(router.state.location.search).toMatchObject({ status: 'held', sort: '-total' }),
    )
  })

  test('one begins with the default view', async () => {
    sessionStorage.clear()
    const content = { filter: { status: ['held'] }, sort: [], columns: null, widths: {}, group_by: null }
    const { router } = openApp('/invoices')
    server.use(
      http.get('*/api/v1/line-views', () =>
        HttpResponse.json({ items: [{ id: 'v', name: 'Held', content, is_own: true, is_default: true }] }),
      ),
    )
    await waitFor(() => expect(router.state.location.search).toMatchObject({ status: 'held' }))
  })

  test('a view gives back what it was made of', () => {
    const view = readLineView({
      organization: 'org-1',
      sort: '-total,organization',
      group: 'agreement',
      more: { total_min: '5', charge_type: ['CycleFee', 'UsageFee'] },
    })
    const layout = firstLayout(LINE_COLUMNS)
    const content = contentOf(view, layout)
    expect(content.columns).not.toContain('currency')
    expect(filterOf({ ...view, ...viewOf(content) }, '2026-10')).toMatchObject(filterOf(view, '2026-10'))
    expect(viewOf(content)).toMatchObject({ sort: '-total,organization', group: 'agreement' })
    expect(
      layoutOf({ ...content, columns: ['total', 'organization', 'gone'] }, layout).order.slice(0, 2),
    ).toEqual(['total', 'organization'])
  })
})
