/** Organization → company. New ones are excluded until somebody approves them. */

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Building2 } from 'lucide-react'
import {
  organizationsQuery,
  useAcceptOrganizationSuggestions,
  type Organization,
  type OrganizationState,
} from '@/api/organizations'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { MappingFrame } from './MappingFrame'
import { OrganizationRows } from './OrganizationRows'
import { countStates, linesHeldByOpen, matching } from './narrowing'

const route = getRouteApi('/signed-in/mapping/organizations')
const STATES: OrganizationState[] = ['excluded', 'unmapped', 'suggested', 'mapped']

export function OrganizationsPage() {
  const t = useT()
  const view = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(organizationsQuery)
  const accept = useAcceptOrganizationSuggestions()
  const all = query.data ?? []
  const shown = matching(all, view)
  const suggested = shown.filter(({ state, suggestion }) => state === 'suggested' && suggestion)
  return (
    <MappingFrame
      tab="organizations"
      standing={<OrganizationsStanding all={all} isKnown={query.isSuccess} />}
      states={STATES}
      counts={countStates(all)}
      view={view}
      onView={(change) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })}
      onlyName={view.id && all.find(({ id }) => id === view.id)?.name}
      bulk={
        suggested.length > 1 && (
          <Button
            variant="light"
            onClick={() => accept.mutate(suggested.map(({ id }) => id))}
            loading={accept.isPending}
            data-testid="accept-all"
          >
            {t('Accept {count} suggestions', { count: suggested.length })}
          </Button>
        )
      }
    >
      {(query.error ?? accept.error) && (
        <ErrorState error={query.error ?? accept.error} onRetry={() => void query.refetch()} />
      )}
      <Card>
        {query.isPending && <LoadingRows rows={10} />}
        {query.isSuccess && shown.length === 0 && (
          <EmptyState
            icon={Building2}
            title={all.length ? t('No organization matches') : t('No organizations yet')}
          >
            {all.length
              ? t('Choose another state, or clear the search.')
              : t(
                  'Sync Organizations reads them from AppXite. They arrive excluded, so nothing is sent by accident.',
                )}
          </EmptyState>
        )}
        {shown.length > 0 && <OrganizationRows organizations={shown} />}
      </Card>
    </MappingFrame>
  )
}

function OrganizationsStanding({ all, isKnown }: { all: Organization[]; isKnown: boolean }) {
  const t = useT()
  const counts = countStates(all)
  const held = linesHeldByOpen(all)
  if (!isKnown) return <>{'\u00a0'}</>
  if (all.length === 0) return <>{t('No organization is known yet. Next: sync organizations.')}</>
  const open = (counts.unmapped ?? 0) + (counts.suggested ?? 0)
  if (open) {
    return (
      <>
        {t('{open, plural, one {# organization waits} other {# organizations wait}} for a company', { open })}
        {held > 0 && t(', which holds {held, plural, one {# line} other {# lines}}', { held })}
        {'. '}
        {counts.suggested
          ? t('Next: look through {count, plural, one {# suggestion} other {# suggestions}}.', {
              count: counts.suggested,
            })
          : t('Next: choose their companies.')}
      </>
    )
  }
  if (counts.excluded) {
    return (
      <>
        {t(
          'Every approved organization is mapped. {count} excluded: approve those whose lines should go out.',
          {
            count: counts.excluded,
          },
        )}
      </>
    )
  }
  return <>{t('Every organization is mapped. Next: products.')}</>
}
