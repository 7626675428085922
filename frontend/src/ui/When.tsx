/** An instant: how long ago, with the exact time and its zone on hover. */

import { Tooltip } from '@mantine/core'
import { useEffect, useState } from 'react'
import { formatAgo, formatInstant, timeZone } from '@/format'

/** The present, renewed now and then so that "2 min ago" does not stand still. */
export function useNow(everyMs = 30_000): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

export function When({ at, isExact }: { at: string | null | undefined; isExact?: boolean }) {
  const now = useNow()
  if (!at) return <span>–</span>
  const exact = formatInstant(at)
  return (
    <Tooltip label={`${exact} ${timeZone}`}>
      <time dateTime={at} className="numeric" style={{ whiteSpace: 'nowrap' }}>
        {isExact ? exact : formatAgo(at, now)}
      </time>
    </Tooltip>
  )
}
