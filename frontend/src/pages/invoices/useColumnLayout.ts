/** A person's columns, remembered in this browser. What cannot be read is forgotten, not fatal. */

import { useCallback, useState } from 'react'
import { firstLayout, readLayout, type ColumnLayout, type Usual } from '@/grid/layout'
import { LINE_COLUMNS } from './columns'

const KEY = 'tieout.invoice-columns.2'

/** What people decide by. Together they fit beside the navigation on a screen of 1440 px. */
export const USUAL_COLUMNS: Usual = [
  ['organization', 128],
  ['status', 150],
  ['subscription', 108],
  ['charge_type', 80],
  ['quantity', 92],
  ['unit_price', 74],
  ['total', 100],
  ['charge_start_date', 112],
  ['charge_end_date', 112],
  ['company', 84],
  ['product', 84],
  ['agreement', 84],
]

const FIRST = firstLayout(LINE_COLUMNS, USUAL_COLUMNS)

function remembered(): ColumnLayout {
  try {
    return readLayout(JSON.parse(localStorage.getItem(KEY) ?? 'null'), FIRST)
  } catch {
    return FIRST
  }
}

export function useColumnLayout() {
  const [layout, setState] = useState(remembered)
  const setLayout = useCallback((next: ColumnLayout) => {
    setState(next)
    try {
      localStorage.setItem(KEY, JSON.stringify(next))
    } catch {
      // Private windows refuse storage; the layout then lasts as long as the page.
    }
  }, [])
  const reset = useCallback(() => setLayout(FIRST), [setLayout])
  return { layout, setLayout, reset }
}
