/** A person's columns, remembered in this browser. What cannot be read is forgotten, not fatal. */

import { useCallback, useState } from 'react'
import { firstLayout, type ColumnLayout } from '@/grid/table'
import { LINE_COLUMNS } from './columns'

const KEY = 'tieout.invoice-columns.1'

function remembered(): ColumnLayout {
  const first = firstLayout(LINE_COLUMNS)
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<ColumnLayout> | null
    return { ...first, ...stored }
  } catch {
    return first
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
  const reset = useCallback(() => setLayout(firstLayout(LINE_COLUMNS)), [setLayout])
  return { layout, setLayout, reset }
}
