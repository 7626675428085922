import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import { describe, expect, test } from 'vitest'
import { http } from 'msw'
import { problem } from '../../../mock/problem'
import { months, type World } from '../../../mock/world'
import { openApp } from '../../app'
import { server } from '../../server'

const [, PREVIOUS] = months()

async function openInvoices(roles: World['roles'] = ['finance']) {
  const app = openApp('/invoices', { prepare: (world) => void (world.roles = roles) })
  await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
  return app
}

async function exclude(user: ReturnType<typeof userEvent.setup>) {
  await user.keyboard('{Control>}b{/Control}')
  await user.click(await screen.findByTestId('bulk-choice'))
  await user.click(await screen.findByRole('option', { name: 'Exclude or include' }))
  await waitFor(() => expect(screen.getByTestId('bulk-preview')).toBeEnabled())
  await user.click(screen.getByTestId('bulk-preview'))
  await user.click(await screen.findByTestId('bulk-apply'))
  await screen.findByText('60 lines changed')
}

async function openRecent(user: ReturnType<typeof userEvent.setup>) {
  await user.click(screen.getByTestId('bulk-recent-button'))
  return screen.findByTestId('bulk-recent')
}

async function expectNoViolation() {
  const { violations } = await axe.run(document.body, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  })
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
}

describe('recent bulk edits', () => {
  test('none yet is told with what will be there', async () => {
    const { user } = await openInvoices()
    expect(await openRecent(user)).toHaveTextContent('No bulk edit yet')
  })

  test('each says what, how many, by whom, and goes back and forth as a whole', async () => {
    const { user, world } = await openInvoices()
    const lines = world.lines.get(PREVIOUS)!
    await exclude(user)
    const recent = await openRecent(user)
    const entry = await within(recent).findByTestId('bulk-recent-edit')
    expect(entry).toHaveTextContent('Exclude')
    expect(entry).toHaveTextContent('60 lines of 16 customers')
    expect(entry).toHaveTextContent('Applied by Dana Reyes')
    await user.click(within(entry).getByTestId('bulk-undo'))
    await user.click(await within(entry).findByTestId('bulk-redo'))
    await within(entry).findByTestId('bulk-undo')
    expect(lines.every(({ excluded }) => excluded)).toBe(true)
  })

  test('what only was previewed is no edit', async () => {
    const { user, world } = await openInvoices()
    await exclude(user)
    world.bulkEdits.unshift({ ...world.bulkEdits[0]!, id: 'bulk-9', status: 'ready', applied_by: null })
    const recent = await openRecent(user)
    await within(recent).findByTestId('bulk-recent-edit')
    expect(within(recent).getAllByTestId('bulk-recent-edit')).toHaveLength(1)
  })

  test('one whose lines were sent says why it stays, without a button', async () => {
    const { user, world } = await openInvoices()
    await exclude(user)
    world.bulkEdits[0]!.error = '3 of 60 lines were sent since: the edit can no longer be undone as a whole.'
    const recent = await openRecent(user)
    expect(await within(recent).findByText(/lines were sent since/)).toBeInTheDocument()
    expect(screen.queryByTestId('bulk-undo')).toBeNull()
  })

  test('an undo that is refused says why', async () => {
    const { user } = await openInvoices()
    await exclude(user)
    server.use(
      http.post('*/api/v1/bulk-edits/:id/undo', () =>
        problem(409, 'bulk_edit_is_not_ready', 'The bulk edit is undone, not applied.', 'Read it again.'),
      ),
    )
    const recent = await openRecent(user)
    await user.click(await within(recent).findByTestId('bulk-undo'))
    expect(await within(recent).findByTestId('problem')).toHaveTextContent('undone, not applied')
  })
})

describe('rights', () => {
  test('whoever may only look gets no button and no key, but the list without undo', async () => {
    const { user, world } = await openInvoices(['finance'])
    await exclude(user)
    world.roles = ['auditor']
    const { bulkEdits } = world
    document.body.innerHTML = ''
    openApp('/invoices', { prepare: (each) => void Object.assign(each, { roles: ['auditor'], bulkEdits }) })
    await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
    expect(screen.queryByTestId('bulk-button')).toBeNull()
    await user.keyboard('{Control>}b{/Control}')
    expect(screen.queryByTestId('bulk-dialog')).toBeNull()
    const recent = await openRecent(user)
    await within(recent).findByTestId('bulk-recent-edit')
    expect(within(recent).queryByTestId('bulk-undo')).toBeNull()
  })

  test('the audit trail is for those who may inspect it', async () => {
    const { user } = await openInvoices(['finance'])
    await exclude(user)
    await openRecent(user)
    await screen.findByTestId('bulk-undo')
    expect(screen.queryByTestId('bulk-trail-button')).toBeNull()
  })

  test('an owner sees each step in it', async () => {
    const { user } = await openInvoices(['owner'])
    await exclude(user)
    await openRecent(user)
    await user.click(await screen.findByTestId('bulk-trail-button'))
    expect(await screen.findByTestId('bulk-trail')).toHaveTextContent('Dana Reyes changed 60 lines')
  })
})

describe('accessibility', () => {
  test('form, preview and list have no violation', async () => {
    const { user } = await openInvoices(['owner'])
    await user.click(await screen.findByTestId('bulk-button'))
    await screen.findByTestId('bulk-form')
    await user.click(screen.getByTestId('bulk-choice'))
    await user.click(await screen.findByRole('option', { name: 'Move dates by months or days' }))
    await expectNoViolation()
    await user.clear(screen.getByTestId('bulk-days'))
    await user.type(screen.getByTestId('bulk-days'), '2')
    await user.click(screen.getByTestId('bulk-preview'))
    await screen.findByTestId('bulk-preview-step')
    await expectNoViolation()
    await user.click(screen.getByTestId('bulk-apply'))
    await screen.findByTestId('offer-action')
    await openRecent(user)
    await screen.findByTestId('bulk-recent-edit')
    await expectNoViolation()
  }, 30_000)
})
