/** axe finds nothing on any page. Colour contrast needs real pixels: the browser journey checks it. */

import { screen, waitFor, within } from '@testing-library/react'
import axe from 'axe-core'
import { describe, expect, test } from 'vitest'
import { openApp } from '../app'

const PAGES: [path: string, heading: string, testId: string][] = [
  ['/sign-in', 'Sign in to Tieout', 'signin-submit'],
  ['/', 'Dashboard', 'standing'],
  ['/invoices', 'Invoices', 'grid-row'],
  ['/invoices?status=held', 'Invoices', 'grid-row'],
  ['/runs', 'Runs', 'runs-table'],
  ['/runs/run-1', 'Load invoices', 'run-invoices'],
  ['/mapping/organizations', 'Mapping', 'organizations'],
  ['/mapping/products', 'Mapping', 'products'],
  ['/system-logs', 'System Logs', 'log-rows'],
  ['/settings/connections', 'Settings', 'test-appxite'],
  ['/settings/rules', 'Settings', 'save-rules'],
  ['/settings/tokens', 'Settings', 'empty-state'],
  ['/settings/dictionary', 'Settings', 'dictionary'],
]

async function expectNoViolation() {
  const { violations } = await axe.run(document.body, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  })
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
}

describe('accessibility', () => {
  test('a plan with questions and the receipt of its push have no violation', async () => {
    const { user } = openApp('/invoices')
    await waitFor(() => expect(screen.getByTestId('plan-button')).toBeEnabled())
    await user.click(screen.getByTestId('plan-button'))
    const questions = await screen.findByTestId('questions')
    await user.click(within(questions).getAllByRole('checkbox')[0]!)
    await screen.findByTestId('decide-bar')
    await expectNoViolation()
    await user.click(screen.getByTestId('apply-button'))
    await user.click(await screen.findByTestId('apply-confirm'))
    await screen.findByTestId('receipt-differences')
    await expectNoViolation()
  }, 30_000)

  test.each(PAGES)('%s has no violation', async (path, heading, testId) => {
    openApp(path, { isSignedIn: path !== '/sign-in' })
    await screen.findByRole('heading', { level: 1, name: new RegExp(heading) })
    await waitFor(() => expect(screen.getAllByTestId(testId).length).toBeGreaterThan(0))
    await expectNoViolation()
  })
})
