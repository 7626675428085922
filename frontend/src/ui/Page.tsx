/** The frame of every page: title, one line that says where one stands, and the page's actions. */

import type { ReactNode } from 'react'
import classes from './ui.module.css'

interface Props {
  title: string
  /** Where one stands and what to do next. */
  standing?: ReactNode
  actions?: ReactNode
  /** The page fills the window and scrolls inside, as the grid does. */
  isFilling?: boolean
  children: ReactNode
}

export function Page({ title, standing, actions, isFilling, children }: Props) {
  return (
    <div className={classes.page} data-filling={isFilling}>
      <header className={classes.pageHead}>
        <div className={classes.titleRow}>
          <h1 className={classes.pageTitle}>{title}</h1>
          {actions && (
            <div className={classes.actions} data-print="no">
              {actions}
            </div>
          )}
        </div>
        {standing && (
          <p className={classes.standing} data-testid="standing">
            {standing}
          </p>
        )}
      </header>
      {children}
    </div>
  )
}

export function Card({ title, aside, children }: { title?: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.card}>
      {title && (
        <div className={classes.cardHead}>
          <h2 className={classes.cardTitle}>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  )
}

interface TileProps {
  label: string
  children: ReactNode
  note?: ReactNode
  tone?: string
  /** Room for money in several currencies. */
  isWide?: boolean
}

export function Tile({ label, children, note, tone, isWide }: TileProps) {
  return (
    <div className={classes.tile} data-tone={tone} data-wide={isWide}>
      <span className={classes.tileLabel}>{label}</span>
      <span className={classes.tileValue}>{children}</span>
      {note && <span className={classes.tileNote}>{note}</span>}
    </div>
  )
}

export function Tiles({ children }: { children: ReactNode }) {
  return <div className={classes.tiles}>{children}</div>
}
