/** The grid by itself, on rows that mean nothing. */

import { MantineProvider } from '@mantine/core'
import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { IntlProvider } from 'react-intl'
import { describe, expect, test, vi } from 'vitest'
import type { CellChange } from '@/grid/block'
import { DraftStore } from '@/grid/drafts'
import { Grid } from '@/grid/Grid'
import { firstLayout } from '@/grid/layout'
import type { GridColumn, RowSource } from '@/grid/types'

interface Row {
  id: string
  name: string
  size: string
}

const COLUMNS: GridColumn<Row>[] = [
  { id: 'name', title: 'Name', width: 200, sortKey: 'name', isPinned: true, text: (row) => row.name },
  {
    id: 'size',
    title: 'Size',
    width: 120,
    text: (row) => row.size,
    render: (row, draft) => draft?.values.size ?? row.size,
    edit: {
      initial: (row) => row.size,
      parse: (text) => (/^\d+$/.test(text) ? { value: text } : { refusal: 'Whole numbers only.' }),
    },
  },
  { id: 'note', title: 'Note', width: 120, text: (row) => `note\tof ${row.name}` },
]

function makeRow(index: number): Row {
  return { id: `row-${index}`, name: `Row ${index}`, size: String(index) }
}

const rowKey = (row: Row) => row.id
const rowName = (row: Row) => row.name
/** Edits as one reads them. */
const edits = (changes: CellChange<Row>[]) =>
  changes.map(({ row, columnId, value }) => `${row.id} ${columnId} ${value ?? 'none'}`)

interface Setup {
  total?: number
  loaded?: number
}

function setUp({ total = 100_000, loaded = total }: Setup = {}) {
  const onEditCells = vi.fn()
  const onUndo = vi.fn()
  const onRedo = vi.fn()
  const onSort = vi.fn()
  const show = vi.fn()
  const drafts = new DraftStore()
  const source: RowSource<Row> = {
    total,
    loaded,
    show,
    at: (index) => (index < loaded ? makeRow(index) : undefined),
  }
  function Harness() {
    const [layout, setLayout] = useState(() => firstLayout(COLUMNS))
    return (
      <Grid
        label="Things"
        columns={COLUMNS}
        layout={layout}
        onLayout={setLayout}
        sort={undefined}
        {...{ source, drafts, rowKey, rowName, onEditCells, onUndo, onRedo, onSort }}
      />
    )
  }
  render(
    <MantineProvider env="test">
      <IntlProvider locale="en" onError={() => undefined}>
        <Harness />
      </IntlProvider>
    </MantineProvider>,
  )
  return { onEditCells, onUndo, onRedo, onSort, show, drafts, user: userEvent.setup() }
}

const cell = (row: number, column: string) =>
  document.querySelector<HTMLElement>(`[data-row="${row}"] [data-testid="cell-${column}"]`)!

describe('the grid', () => {
  test('says how large it is and draws only what is in view', () => {
    const { show } = setUp()
    expect(screen.getByRole('grid')).toHaveAttribute('aria-rowcount', '100001')
    expect(screen.getAllByTestId('grid-row').length).toBeLessThan(60)
    expect(show).toHaveBeenCalled()
  })

  test('is one tab stop, and arrows move it', async () => {
    const { user } = setUp()
    cell(0, 'name').focus()
    await user.keyboard('{ArrowDown}{ArrowRight}')
    expect(cell(1, 'size')).toHaveFocus()
    expect(document.querySelectorAll('[role="gridcell"][tabindex="0"]')).toHaveLength(1)
  })

  test('keeps the focused row drawn when it scrolls far out of view', async () => {
    const { user } = setUp()
    cell(0, 'name').focus()
    await user.keyboard('{ArrowDown}')
    const grid = screen.getByRole('grid')
    grid.scrollTop = 50_000 * 36
    fireEvent.scroll(grid)
    await waitFor(() => expect(cell(49_995, 'name')).not.toBeNull())
    expect(cell(1, 'name')).toHaveAttribute('tabindex', '0')
  })

  test('typing starts an edit, Enter keeps it and moves down', async () => {
    const { user, onEditCells } = setUp()
    cell(2, 'size').focus()
    await user.click(cell(2, 'size'))
    await user.keyboard('77{Enter}')
    expect(edits(onEditCells.mock.lastCall![0])).toEqual(['row-2 size 77'])
    expect(cell(3, 'size')).toHaveFocus()
  })

  test('F2 edits the value that is there, Tab keeps it and moves on', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(2, 'size'))
    await user.keyboard('{F2}')
    expect(screen.getByTestId('cell-editor')).toHaveValue('2')
    await user.keyboard('5{Tab}')
    expect(edits(onEditCells.mock.lastCall![0])).toEqual(['row-2 size 5'])
    expect(cell(2, 'note')).toHaveFocus()
  })

  test('Escape leaves the cell as it was', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(2, 'size'))
    await user.keyboard('9{Escape}')
    expect(onEditCells).not.toHaveBeenCalled()
    expect(cell(2, 'size')).toHaveTextContent('2')
    expect(cell(2, 'size')).toHaveFocus()
  })

  test('what cannot be read stays in the editor and says why', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(2, 'size'))
    await user.keyboard('x{Enter}')
    expect(screen.getByRole('alert')).toHaveTextContent('Whole numbers only.')
    expect(onEditCells).not.toHaveBeenCalled()
  })

  test('emptying a cell or Delete takes one\u2019s edit away', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(4, 'size'))
    await user.keyboard('{Delete}')
    expect(edits(onEditCells.mock.lastCall![0])).toEqual(['row-4 size none'])
  })

  test('a column without an editor is not edited', async () => {
    const { user } = setUp()
    await user.click(cell(2, 'name'))
    await user.keyboard('abc')
    expect(screen.queryByTestId('cell-editor')).toBeNull()
    expect(cell(2, 'name')).toHaveAttribute('aria-readonly', 'true')
  })

  test('a draft shows at once, without new row data', () => {
    const { drafts } = setUp()
    drafts.put('row-3', { values: { size: '300' }, state: 'saving' })
    return waitFor(() => expect(cell(3, 'size')).toHaveTextContent('300'))
  })

  test('a selection is copied as tab-separated text, tabs inside cells quoted as spreadsheets do', async () => {
    const { user } = setUp()
    await user.click(cell(1, 'name'))
    await user.keyboard('{Shift>}{ArrowDown}{ArrowRight}{ArrowRight}{/Shift}')
    const setData = vi.fn()
    fireEvent.copy(cell(2, 'note'), { clipboardData: { setData } })
    expect(setData).toHaveBeenCalledWith(
      'text/plain',
      'Row 1\t1\t"note\tof Row 1"\nRow 2\t2\t"note\tof Row 2"',
    )
  })

  test('shift-click selects the rectangle between two cells', async () => {
    const { user } = setUp()
    await user.click(cell(1, 'name'))
    await user.keyboard('{Shift>}')
    await user.click(cell(3, 'size'))
    expect(document.querySelectorAll('[aria-selected="true"]')).toHaveLength(6)
  })

  test('rows on their way are placeholders that can hold the cursor', async () => {
    const { user } = setUp({ total: 40, loaded: 5 })
    await user.click(cell(4, 'name'))
    await user.keyboard('{ArrowDown}')
    const placeholder = document.querySelector('[data-row="5"]')
    expect(placeholder).toHaveAttribute('aria-busy', 'true')
    expect(placeholder).toContainElement(document.activeElement as HTMLElement)
  })

  test('a title sorts: up, down, and back', async () => {
    const { user, onSort } = setUp()
    await user.click(screen.getByRole('button', { name: 'Name' }))
    expect(onSort).toHaveBeenCalledWith('name')
    expect(screen.queryByRole('button', { name: 'Size' })).toBeNull()
  })
})

describe('column titles', () => {
  const title = (name: string) => screen.getByRole('columnheader', { name })
  const titles = () => screen.getAllByRole('columnheader').map((header) => header.textContent)

  test('are one tab stop, and the arrows move it', async () => {
    const { user } = setUp()
    await user.tab()
    expect(title('Name')).toHaveFocus()
    await user.keyboard('{ArrowRight}')
    expect(title('Size')).toHaveFocus()
    await user.tab()
    expect(cell(0, 'name')).toHaveFocus()
    await user.tab({ shift: true })
    expect(title('Size')).toHaveFocus()
    await user.keyboard('{ArrowDown}')
    expect(cell(0, 'name')).toHaveFocus()
  })

  test('sort, move, widen, pin and hide their column by keys', async () => {
    const { user, onSort } = setUp()
    await user.tab()
    await user.keyboard('{Enter}')
    expect(onSort).toHaveBeenCalledWith('name')
    await user.keyboard('{End}{Control>}{ArrowLeft}{/Control}')
    expect(titles()).toEqual(['Name', 'Note', 'Size'])
    await user.keyboard('{Shift>}{ArrowRight}{/Shift}')
    expect(title('Note').style.width).toBe('136px')
    await user.keyboard('p')
    expect(title('Note')).toHaveAttribute('data-pinned', 'true')
    await user.keyboard('h')
    expect(titles()).toEqual(['Name', 'Size'])
  })

  test('offer the same in a menu, with the keys', async () => {
    const { user } = setUp()
    await user.tab()
    await user.keyboard('{ArrowRight}{Shift>}{F10}{/Shift}')
    const menu = await screen.findByTestId('point-menu')
    expect(menu).toHaveTextContent('HideH')
    await user.click(screen.getByRole('menuitem', { name: 'Hide' }))
    expect(titles()).toEqual(['Name', 'Note'])
  })
})

describe('changing many cells', () => {
  const pasteInto = (target: HTMLElement, text: string) =>
    fireEvent.paste(target, { clipboardData: { getData: () => text } })

  test('Ctrl with Enter writes what was typed into the whole selection', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(2, 'size'))
    await user.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}77{Control>}{Enter}{/Control}')
    expect(edits(onEditCells.mock.lastCall![0])).toEqual(['row-2 size 77', 'row-3 size 77', 'row-4 size 77'])
    expect(cell(4, 'size')).toHaveFocus()
    expect(document.querySelectorAll('[aria-selected="true"]')).toHaveLength(3)
  })

  test('Ctrl with D fills down, and of one row takes the cell above', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(2, 'size'))
    await user.keyboard('{Shift>}{ArrowDown}{/Shift}{Control>}d{/Control}')
    expect(edits(onEditCells.mock.lastCall![0])).toEqual(['row-3 size 2'])
    await user.click(cell(6, 'size'))
    await user.keyboard('{Control>}d{/Control}')
    expect(edits(onEditCells.mock.lastCall![0])).toEqual(['row-6 size 5'])
  })

  test('the fill handle repeats the selection down to where it is dropped', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(2, 'size'))
    await user.keyboard('{Shift>}{ArrowDown}{/Shift}')
    fireEvent.mouseDown(cell(3, 'size').querySelector('[data-fill-handle]')!)
    fireEvent.mouseOver(cell(6, 'size'))
    expect(document.querySelectorAll('[data-filling="true"]')).toHaveLength(3)
    fireEvent.mouseUp(window)
    expect(edits(onEditCells.mock.lastCall![0])).toEqual(['row-4 size 2', 'row-5 size 3', 'row-6 size 2'])
    expect(document.querySelectorAll('[data-filling="true"]')).toHaveLength(0)
  })

  test('a pasted block is written as one change', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(2, 'size'))
    pasteInto(cell(2, 'size'), '70\r\n71\r\n')
    expect(onEditCells).toHaveBeenCalledTimes(1)
    expect(edits(onEditCells.mock.lastCall![0])).toEqual(['row-2 size 70', 'row-3 size 71'])
  })

  test('of a block with a cell that cannot be read nothing is written before the person decides', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(2, 'size'))
    pasteInto(cell(2, 'size'), '70\nmany\n72')
    expect(onEditCells).not.toHaveBeenCalled()
    expect(await screen.findByTestId('refusal')).toHaveTextContent('4 Row 3SizemanyWhole numbers only.')
    await user.click(screen.getByTestId('refusals-write'))
    expect(edits(onEditCells.mock.lastCall![0])).toEqual(['row-2 size 70', 'row-4 size 72'])
  })

  test('writing nothing of a refused block leaves every cell as it was', async () => {
    const { user, onEditCells } = setUp()
    await user.click(cell(2, 'size'))
    pasteInto(cell(2, 'size'), '70\nmany')
    await user.click(await screen.findByTestId('refusals-drop'))
    expect(onEditCells).not.toHaveBeenCalled()
  })

  test('Ctrl with Z takes back, Ctrl with Y or Shift and Z does again', async () => {
    const { user, onUndo, onRedo } = setUp()
    await user.click(cell(2, 'size'))
    await user.keyboard('{Control>}z{/Control}')
    expect(onUndo).toHaveBeenCalledTimes(1)
    await user.keyboard('{Control>}y{/Control}{Control>}{Shift>}Z{/Shift}{/Control}')
    expect(onRedo).toHaveBeenCalledTimes(2)
  })

  test('Shift with Space selects the row, Ctrl with Space the column', async () => {
    const { user } = setUp({ total: 30 })
    await user.click(cell(2, 'size'))
    await user.keyboard('{Shift>} {/Shift}')
    expect(document.querySelectorAll('[aria-selected="true"]')).toHaveLength(3)
    await user.click(cell(2, 'size'))
    await user.keyboard('{Control>} {/Control}')
    expect(cell(0, 'size')).toHaveAttribute('aria-selected', 'true')
    expect(cell(0, 'name')).toHaveAttribute('aria-selected', 'false')
  })
})
