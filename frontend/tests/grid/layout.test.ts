import { describe, expect, test } from 'vitest'
import {
  firstLayout,
  moved,
  movedTo,
  orderOf,
  readLayout,
  resized,
  withPin,
  withVisibility,
} from '@/grid/layout'
import type { GridColumn } from '@/grid/types'

const column = (id: string, more = {}): GridColumn<object> => ({
  id,
  title: id,
  width: 100,
  text: () => '',
  ...more,
})
const COLUMNS = [
  column('a', { isPinned: true }),
  column('b'),
  column('c'),
  column('d', { isHiddenAtFirst: true }),
]
const FIRST = firstLayout(COLUMNS, [
  ['a', 80],
  ['c', 60],
])

describe('a person\u2019s columns', () => {
  test('come in the usual order first, then as the page lists them', () => {
    expect(orderOf(COLUMNS, FIRST)).toEqual(['a', 'c', 'b', 'd'])
    expect(FIRST.sizing).toEqual({ a: 80, c: 60 })
  })

  test('change places with their visible neighbour only', () => {
    expect(orderOf(COLUMNS, moved(COLUMNS, FIRST, 'c', 1))).toEqual(['a', 'b', 'c', 'd'])
    expect(moved(COLUMNS, FIRST, 'b', 1)).toBe(FIRST)
    expect(moved(COLUMNS, FIRST, 'a', 1)).toBe(FIRST)
  })

  test('dropped among the pinned ones are pinned, and the other way round', () => {
    const dropped = movedTo(COLUMNS, FIRST, 'b', 'a')
    expect(dropped.pinned).toEqual(['b', 'a'])
    expect(movedTo(COLUMNS, dropped, 'a', 'c').pinned).toEqual(['b'])
  })

  test('are pinned, hidden and never narrower than what a hand can grasp', () => {
    expect(withPin(FIRST, 'c', true).pinned).toEqual(['a', 'c'])
    expect(withPin(FIRST, 'a', false).pinned).toEqual([])
    expect(withVisibility(FIRST, 'b', false).visibility).toEqual({ b: false, d: false })
    expect(resized(FIRST, 'c', 50, -1).sizing.c).toBe(48)
  })

  test('are read back part by part; what cannot be read is as at first', () => {
    const stored = { order: ['b'], pinned: 'all', sizing: { a: 'wide' }, density: 'compact', more: 1 }
    expect(readLayout(stored, FIRST)).toEqual({ ...FIRST, order: ['b'], density: 'compact' })
    expect(readLayout(null, FIRST)).toEqual(FIRST)
  })

  test('that a new version brings stand after those that are remembered', () => {
    expect(orderOf([...COLUMNS, column('new')], FIRST)).toEqual(['a', 'c', 'b', 'd', 'new'])
  })
})
