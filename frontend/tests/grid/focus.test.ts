import { describe, expect, test } from 'vitest'
import { afterKey, isTyping, selectedRange, START, type Focus } from '@/grid/focus'

const EXTENT = { rows: 100, columns: 5, page: 20 }
const stroke = (key: string, more = {}) => ({ key, shiftKey: false, ctrlKey: false, metaKey: false, ...more })
const at = (row: number, column: number): Focus => ({
  ...START,
  active: { row, column },
  anchor: { row, column },
})

describe('moving in the grid', () => {
  test.each([
    ['ArrowDown', 11, 2],
    ['ArrowUp', 9, 2],
    ['ArrowLeft', 10, 1],
    ['ArrowRight', 10, 3],
    ['Home', 10, 0],
    ['End', 10, 4],
    ['PageDown', 30, 2],
    ['PageUp', 0, 2],
  ])('%s leads to row %i, column %i', (key, row, column) => {
    expect(afterKey(at(10, 2), stroke(key), EXTENT)?.active).toEqual({ row, column })
  })

  test('Ctrl with End leads to the last cell, whether it is loaded or not', () => {
    expect(afterKey(at(0, 0), stroke('End', { ctrlKey: true }), EXTENT)?.active).toEqual({
      row: 99,
      column: 4,
    })
  })

  test('the edge of the grid is an edge', () => {
    expect(afterKey(at(99, 4), stroke('ArrowDown'), EXTENT)?.active).toEqual({ row: 99, column: 4 })
    expect(afterKey(at(0, 0), stroke('ArrowLeft'), EXTENT)?.active).toEqual({ row: 0, column: 0 })
  })

  test('Shift keeps the anchor, so the selection grows and shrinks', () => {
    const grown = afterKey(at(10, 2), stroke('ArrowDown', { shiftKey: true }), EXTENT)!
    const wider = afterKey(grown, stroke('ArrowLeft', { shiftKey: true }), EXTENT)!
    expect(selectedRange(wider)).toEqual({ top: 10, bottom: 11, left: 1, right: 2 })
    const back = afterKey(wider, stroke('ArrowRight', { shiftKey: true }), EXTENT)!
    expect(selectedRange(back)).toEqual({ top: 10, bottom: 11, left: 2, right: 2 })
  })

  test('Ctrl with A selects everything, Escape lets go', () => {
    const all = afterKey(at(10, 2), stroke('a', { ctrlKey: true }), EXTENT)!
    expect(selectedRange(all)).toEqual({ top: 0, bottom: 99, left: 0, right: 4 })
    const none = afterKey(all, stroke('Escape'), EXTENT)!
    expect(selectedRange(none)).toEqual({ top: 0, bottom: 0, left: 0, right: 0 })
  })

  test('a letter types, a shortcut does not', () => {
    expect(isTyping(stroke('5'))).toBe(true)
    expect(isTyping(stroke('c', { ctrlKey: true }))).toBe(false)
    expect(isTyping(stroke('F2'))).toBe(false)
    expect(afterKey(at(0, 0), stroke('5'), EXTENT)).toBeUndefined()
  })
})
