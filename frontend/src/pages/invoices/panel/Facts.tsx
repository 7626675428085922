/** A titled list of names and values. */

import type { ReactNode } from 'react'
import classes from '../invoices.module.css'

export function Facts({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className={classes.factsTitle}>{title}</h3>
      <dl className={classes.facts}>{children}</dl>
    </section>
  )
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
