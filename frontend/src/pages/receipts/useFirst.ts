/** The first rows of a long list, until somebody wants all of them, or prints: on paper nothing is left out. */

import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

const FIRST = 100

export function useFirst<T>(rows: T[]) {
  const [isAll, setAll] = useState(false)
  useEffect(() => {
    // The print is made as soon as this returns.
    const showAll = () => flushSync(() => setAll(true))
    window.addEventListener('beforeprint', showAll)
    return () => window.removeEventListener('beforeprint', showAll)
  }, [])
  return {
    shown: isAll ? rows : rows.slice(0, FIRST),
    hasMore: !isAll && rows.length > FIRST,
    showAll: () => setAll(true),
  }
}
