/** What a page shows when there is nothing, not yet anything, or an error. */

import { Button, Skeleton } from '@mantine/core'
import { CircleAlert, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { asProblem } from '@/api/problem'
import { useT } from '@/i18n'
import classes from './ui.module.css'

interface EmptyProps {
  icon: LucideIcon
  title: string
  children?: ReactNode
  action?: ReactNode
}

export function EmptyState({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <div className={classes.empty} data-testid="empty-state">
      <span className={classes.emptyIcon}>
        <Icon size={22} aria-hidden />
      </span>
      <h2 className={classes.emptyTitle}>{title}</h2>
      {children && <p className={classes.emptyText}>{children}</p>}
      {action}
    </div>
  )
}

interface ErrorProps {
  error: unknown
  onRetry?: () => void
}

/** A problem as the API tells it: what happened, and what to do. */
export function ErrorState({ error, onRetry }: ErrorProps) {
  const t = useT()
  const problem = asProblem(error)
  return (
    <div className={classes.problem} role="alert" data-testid="problem">
      <CircleAlert size={18} aria-hidden className={classes.problemIcon} />
      <div className={classes.problemText}>
        <strong>{problem.title}</strong>
        <span>{problem.detail}</span>
        <span className={classes.soft}>{problem.action}</span>
      </div>
      {onRetry && (
        <Button variant="default" size="xs" onClick={onRetry}>
          {t('Try again')}
        </Button>
      )}
    </div>
  )
}

export function LoadingRows({ rows = 8, height = 36 }: { rows?: number; height?: number }) {
  const t = useT()
  return (
    <div role="status" aria-label={t('Loading')} className={classes.loading}>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={height - 12} width={`${100 - ((index * 17) % 30)}%`} radius={4} />
      ))}
    </div>
  )
}
