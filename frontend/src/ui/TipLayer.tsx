/**
 * One tooltip for everything with `data-tip` inside it. A grid shows hundreds of badges; a tooltip component
 * on each would cost more than the rows themselves.
 */

import { useState, type ReactNode, type SyntheticEvent } from 'react'
import classes from './tip.module.css'

interface Tip {
  text: string
  left: number
  top: number
}

export function TipLayer({ children, className }: { children: ReactNode; className?: string }) {
  const [tip, setTip] = useState<Tip>()
  const show = (event: SyntheticEvent) => {
    const target = (event.target as HTMLElement).closest<HTMLElement>('[data-tip]')
    if (!target?.dataset.tip) {
      setTip(undefined)
      return
    }
    const box = target.getBoundingClientRect()
    setTip({ text: target.dataset.tip, left: box.left, top: box.bottom + 6 })
  }
  return (
    <div
      className={className}
      onMouseOver={show}
      // Who tries to change what cannot be changed is told why, by mouse and by keyboard.
      onDoubleClick={show}
      onKeyDown={(event) => (event.key === 'Enter' || event.key === 'F2' ? show(event) : setTip(undefined))}
      onMouseLeave={() => setTip(undefined)}
      onWheel={() => setTip(undefined)}
    >
      {children}
      {tip && (
        <div role="tooltip" className={classes.tip} style={{ left: tip.left, top: tip.top }}>
          {tip.text}
        </div>
      )}
    </div>
  )
}
