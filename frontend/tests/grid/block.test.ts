import { describe, expect, test } from 'vitest'
import { landing, MOST_CELLS, planCopy, planFill, planPaste, type BlockPlan } from '@/grid/block'
import { readTsv, toTsv } from '@/grid/clipboard'
import type { GridColumn, Range } from '@/grid/types'

interface Row {
  name: string
  size: string
  count: string
  isFrozen?: boolean
}

const number = {
  parse: (text: string) => (/^\d+$/.test(text) ? { value: text } : { refusal: 'Whole numbers only.' }),
  isLocked: (row: Row) => row.isFrozen === true,
  whyLocked: () => 'It was invoiced.',
}
const COLUMNS: GridColumn<Row>[] = [
  { id: 'name', title: 'Name', width: 1, text: (row) => row.name },
  {
    id: 'size',
    title: 'Size',
    width: 1,
    text: (row) => row.size,
    edit: { ...number, initial: (row) => row.size },
  },
  {
    id: 'count',
    title: 'Count',
    width: 1,
    text: (row) => row.count,
    edit: {
      ...number,
      initial: (row) => row.count,
      parsePasted: (text) => (text === '1' ? { refusal: 'Too bare.' } : number.parse(text)),
    },
  },
]

function sheetOf(rows: Row[], loaded = rows.length) {
  const at = (index: number) => (index < loaded ? rows[index] : undefined)
  const source = { total: rows.length, loaded, at, show: () => undefined }
  return { source, columns: COLUMNS, rowName: (row: Row) => row.name }
}

const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ name: `Row ${index}`, size: '10', count: '20' }))
const cell = (row: number, column: number): Range => ({ top: row, bottom: row, left: column, right: column })
const changes = (plan: BlockPlan<Row>) =>
  plan.changes.map(({ row, columnId, value }) => `${row.name} ${columnId} ${value ?? 'none'}`)
const refusals = (plan: BlockPlan<Row>) =>
  plan.refusals.map(({ row, column, text, reason }) => `${row} ${column} ${text}: ${reason}`)

describe('pasting a block', () => {
  test('each cell reads its own text', () => {
    const plan = planPaste(sheetOf(rowsOf(3)), cell(0, 1), readTsv('1\t2\n3\t4'))
    expect(changes(plan)).toEqual(['Row 0 size 1', 'Row 0 count 2', 'Row 1 size 3', 'Row 1 count 4'])
    expect(plan.refusals).toEqual([])
  })

  test('one cell fills the selection, and a block repeats over one that it divides', () => {
    expect(landing({ top: 2, bottom: 7, left: 1, right: 2 }, [['1']])).toMatchObject({ bottom: 7, right: 2 })
    expect(landing({ top: 0, bottom: 3, left: 1, right: 1 }, [['1'], ['2']])).toMatchObject({ bottom: 3 })
    expect(landing({ top: 0, bottom: 4, left: 1, right: 1 }, [['1'], ['2']])).toMatchObject({ bottom: 1 })
  })

  test('a copied block pasted back changes nothing, though some of its columns take no edits', () => {
    const sheet = sheetOf(rowsOf(3))
    const range = { top: 0, bottom: 2, left: 0, right: 2 }
    const plan = planPaste(sheet, range, readTsv(toTsv(sheet.source, COLUMNS, range).text))
    expect(plan).toEqual({ changes: [], refusals: [] })
  })

  test('what a cell cannot take is refused with the reason, cell by cell', () => {
    const rows = rowsOf(3)
    rows[1]!.isFrozen = true
    const plan = planPaste(sheetOf(rows), cell(0, 0), readTsv('Other\tfive\t1\nRow 1\t7\t20\nRow 2\t8\t=1+1'))
    expect(changes(plan)).toEqual(['Row 2 size 8'])
    expect(refusals(plan)).toEqual([
      '0 Name Other: This column cannot be changed here.',
      '0 Size five: Whole numbers only.',
      '0 Count 1: Too bare.',
      '1 Size 7: It was invoiced.',
      '2 Count =1+1: Whole numbers only.',
    ])
  })

  test('cells beyond the grid, lines that are not read and lines of another length are refused', () => {
    const plan = planPaste(sheetOf(rowsOf(3), 2), cell(1, 2), readTsv('1\t2\n3\n4\t5'))
    expect(refusals(plan)).toEqual([
      '1 Count 1: Too bare.',
      '1  2: There is no column here.',
      '2 Count 3: This line is not read yet; scroll to it first.',
      '2  : This line of the copied text has fewer cells than the others.',
      '3 Count 4: There is no line here.',
      '3  5: There is no line here.',
    ])
  })

  test('an empty cell takes the value away', () => {
    expect(changes(planPaste(sheetOf(rowsOf(2)), cell(0, 1), readTsv('\t5')))).toEqual([
      'Row 0 size none',
      'Row 0 count 5',
    ])
  })

  test('more cells than one gesture may change change nothing', () => {
    const plan = planPaste(sheetOf(rowsOf(2)), { ...cell(0, 1), bottom: MOST_CELLS }, [['5']])
    expect(plan.changes).toEqual([])
    expect(plan.refusals).toHaveLength(1)
  })

  test('what was pasted copies as the text that was pasted', () => {
    const rows = rowsOf(4)
    const sheet = sheetOf(rows)
    const text = '5\t6\n70\t80\n900\t1000'
    for (const { row, columnId, value } of planPaste(sheet, cell(1, 1), readTsv(text)).changes) {
      Object.assign(row, { [columnId]: value })
    }
    expect(toTsv(sheet.source, COLUMNS, { top: 1, bottom: 3, left: 1, right: 2 }).text).toBe(text)
  })
})

describe('filling', () => {
  test('a text fills the cells that take edits, and leaves the names alone', () => {
    const plan = planFill(sheetOf(rowsOf(2)), { top: 0, bottom: 1, left: 0, right: 1 }, '7')
    expect(changes(plan)).toEqual(['Row 0 size 7', 'Row 1 size 7'])
  })

  test('clearing takes every value of the selection away', () => {
    const plan = planFill(sheetOf(rowsOf(2)), { top: 0, bottom: 1, left: 1, right: 1 }, null)
    expect(changes(plan)).toEqual(['Row 0 size none', 'Row 1 size none'])
  })

  test('filling down repeats the first row', () => {
    const rows = rowsOf(3)
    rows[0]!.size = '99'
    const plan = planCopy(sheetOf(rows), { top: 0, bottom: 2, left: 1, right: 2 }, 0)
    expect(changes(plan)).toEqual(['Row 1 size 99', 'Row 2 size 99'])
  })

  test('a locked cell says why it is not filled', () => {
    const rows = rowsOf(2)
    rows[1]!.isFrozen = true
    const plan = planFill(sheetOf(rows), { top: 0, bottom: 1, left: 1, right: 1 }, '7')
    expect(refusals(plan)).toEqual(['1 Size 7: It was invoiced.'])
  })
})
