import { describe, expect, test } from 'vitest'
import type { PlacedColumn } from '@/grid/table'
import { columnsInView } from '@/grid/useColumnWindow'

/** Thirty columns of 100 px, the first two pinned. */
const PLACED = Array.from({ length: 30 }, (_, index) => ({
  column: { id: String(index) },
  width: 100,
  left: index * 100,
  isPinned: index < 2,
})) as unknown as PlacedColumn<object>[]

describe('columns in view', () => {
  test('are those on the screen and a little ahead', () => {
    expect(columnsInView(PLACED, 0, 1000)).toEqual({ first: 2, last: 14, gap: 0 })
  })

  test('leave room for those before them, so that nothing moves', () => {
    const { first, last, gap } = columnsInView(PLACED, 1440, 1000)
    expect(gap).toBe((first - 2) * 100)
    expect(first * 100).toBeLessThan(1640)
    expect((last + 1) * 100).toBeGreaterThan(2440)
    expect(last - first).toBeLessThan(20)
  })

  test('are none where all are pinned', () => {
    expect(columnsInView(PLACED.slice(0, 2), 0, 1000)).toMatchObject({ last: -1 })
  })
})
