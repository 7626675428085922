/** A state in words with its colour as a second sign. */

import { Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Tone } from '@/words/word'
import classes from './ui.module.css'

interface Props {
  tone: Tone
  children: ReactNode
  meaning?: string
  /** Smaller, for notes beside a value. */
  isNote?: boolean
}

export function StatusBadge({ tone, children, meaning, isNote }: Props) {
  const badge = (
    <span className={classes.badge} data-tone={tone} data-note={isNote}>
      {!isNote && <span className={classes.dot} data-tone={tone} aria-hidden />}
      {children}
    </span>
  )
  return meaning ? <Tooltip label={meaning}>{badge}</Tooltip> : badge
}
