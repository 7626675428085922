import { screen, waitFor } from '@testing-library/react'
import { http, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import type { BulkEdit } from '@/api/bulk-edits'
import { lineFile } from '@/api/line-files'
import { problem } from '../../mock/problem'
import { openApp } from '../app'
import { server } from '../server'

const FOUND: BulkEdit = {
  id: 'edit-1',
  status: 'ready',
  scope: { filter: null, line_ids: null, of_values: true },
  changes: [{ kind: 'values', values: [], edited: ['excluded'], lines: 1 }],
  file: {
    name: 'lines.csv',
    format: 'csv',
    period: null,
    is_read: true,
    rows: 2,
    unchanged: 1,
    lines: 1,
    cells: 1,
    refused: 1,
  },
  reason: '',
  needs_reason: false,
  preview: {
    matched: 1,
    changed: { count: 1, amounts: { EUR: '12.50' } },
    customers: 1,
    already_sent: { count: 0, amounts: {} },
    skipped: [],
    before: {},
    after: {},
    will_bill_before: { EUR: '12.50' },
    will_bill_after: {},
    samples: [],
    skipped_samples: [],
  },
  done: 1,
  total: 1,
  error: '',
  created_by: 'Olivia',
  created_at: '2026-11-01T00:00:00Z',
  applied_by: null,
  applied_at: null,
  undone_by: null,
  undone_at: null,
}
const REFUSED = {
  number: 1,
  sheet: 'Lines',
  row: 3,
  column: 'Total',
  at: 'F3',
  value: '1',
  line_id: null,
  reason: 'not_editable',
  words: 'Total cannot be changed in a file.',
}

async function openImport() {
  const { user } = openApp('/invoices')
  await user.click(await screen.findByTestId('files-menu'))
  await user.click(await screen.findByTestId('import-file'))
  await screen.findByTestId('import-read')
  const input = document.querySelector<HTMLInputElement>('input[type="file"]')!
  await user.upload(input, new File(['Line,Version'], 'lines.csv', { type: 'text/csv' }))
  return user
}

describe('lines as a file', () => {
  test('the address of a file names the view, its order and its form', () => {
    const filter = { period: '2026-10', status: 'held' as const, search: 'a&b' }
    expect(lineFile(filter, '-total', 'xlsx', true)).toBe(
      '/api/v1/invoice-lines/export?format=xlsx&a_sheet_for_each_currency=true&period=2026-10&search=a%26b&status=held&sort=-total',
    )
  })

  test('a view can be exported beside the whole month', async () => {
    const { user } = openApp('/invoices?status=held')
    await waitFor(() => expect(screen.getAllByTestId('grid-row').length).toBeGreaterThan(0))
    await user.click(screen.getByTestId('files-menu'))
    const view = await screen.findByTestId('export-view-xlsx')
    expect(view.getAttribute('href')).toContain('status=held')
    expect(screen.getByTestId('export-month-csv').getAttribute('href')).not.toContain('status')
  })

  test('an edited file shows what it changes and what was refused, before anything changes', async () => {
    const user = await openImport()
    const applied: string[] = []
    server.use(
      http.post('*/api/v1/bulk-edits/files', () => HttpResponse.json(FOUND, { status: 202 })),
      http.get('*/api/v1/bulk-edits/edit-1', () => HttpResponse.json(FOUND)),
      http.get('*/api/v1/bulk-edits/edit-1/refused-cells', () =>
        HttpResponse.json({ items: [REFUSED], next_cursor: null }),
      ),
      http.post('*/api/v1/bulk-edits/edit-1/apply', () => {
        applied.push('edit-1')
        return HttpResponse.json({ ...FOUND, status: 'applied', applied_by: 'Olivia' }, { status: 202 })
      }),
    )
    await user.click(screen.getByTestId('import-read'))
    expect(await screen.findByTestId('import-summary')).toHaveTextContent('1 line of 1 customer would change')
    expect(await screen.findByText('Total cannot be changed in a file.')).toBeVisible()
    expect(applied).toEqual([])
    await user.click(screen.getByTestId('import-apply'))
    expect(await screen.findByTestId('import-undo')).toBeVisible()
  })

  test('a file that cannot be read says why, where it was chosen', async () => {
    const user = await openImport()
    server.use(
      http.post('*/api/v1/bulk-edits/files', () =>
        problem(422, 'file_not_readable', 'The file is not UTF-8.', 'Save it as CSV UTF-8.'),
      ),
    )
    await user.click(screen.getByTestId('import-read'))
    expect(await screen.findByText(/The file is not UTF-8/)).toBeVisible()
  })
})
