/** Pages for a wrong address and for a route that failed to load. */

import { Button } from '@mantine/core'
import { Link, type ErrorComponentProps } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { useT } from '@/i18n'
import { Page } from '@/ui/Page'
import { EmptyState, ErrorState } from '@/ui/states'

export function NotFound() {
  const t = useT()
  return (
    <EmptyState
      icon={Compass}
      title={t('There is no page at this address')}
      action={
        <Button component={Link} to="/" variant="default">
          {t('Go to the dashboard')}
        </Button>
      }
    />
  )
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  const t = useT()
  return (
    <Page title={t('This page could not be shown')}>
      <ErrorState error={error} onRetry={reset} />
    </Page>
  )
}
