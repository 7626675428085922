/** The view that a person begins with: once in a tab, and only where the address asks for nothing itself. */

import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { lineViewsQuery, type ViewContent } from '@/api/line-views'
import type { LineView } from '../view'

const BEGUN_KEY = 'tieout.view-begun'

const asksForNothing = (view: LineView) =>
  Object.entries(view).every(([name, value]) => name === 'period' || value === undefined)

export function useDefaultView(view: LineView, onBegin: (content: ViewContent) => void) {
  const { data: views } = useQuery(lineViewsQuery)
  const first = views?.find(({ is_default }) => is_default)
  useEffect(() => {
    if (!views || sessionStorage.getItem(BEGUN_KEY)) return
    sessionStorage.setItem(BEGUN_KEY, 'yes')
    if (first && asksForNothing(view)) onBegin(first.content)
    // What is looked at later does not begin again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [views])
}
