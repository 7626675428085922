/** The frame both mapping pages share: tabs, states with counts, search, bulk acceptance. */

import { Button, SegmentedControl, Tabs, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { RefreshCw, Search, X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { OrganizationState } from '@/api/organizations'
import { activeRunsQuery, useRefreshMirrors } from '@/api/runs'
import { useQuery } from '@tanstack/react-query'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { Page } from '@/ui/Page'
import { ErrorState } from '@/ui/states'
import { MAPPING_STATES } from '@/words/mapping'
import type { MappingView } from '../searches'
import classes from './mapping.module.css'

interface Props {
  tab: 'organizations' | 'products'
  standing: ReactNode
  states: OrganizationState[]
  counts: Record<string, number>
  view: MappingView
  onView(change: MappingView): void
  /** Name of the one row a link asked for. */
  onlyName: string | undefined
  bulk?: ReactNode
  children: ReactNode
}

export function MappingFrame({
  tab,
  standing,
  states,
  counts,
  view,
  onView,
  onlyName,
  bulk,
  children,
}: Props) {
  const t = useT()
  const navigate = useNavigate()
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return (
    <Page title={t('Mapping')} standing={standing} actions={<SyncOrganizations />}>
      <Tabs
        value={tab}
        onChange={(value) =>
          void navigate({ to: value === 'products' ? '/mapping/products' : '/mapping/organizations' })
        }
      >
        <Tabs.List>
          <Tabs.Tab value="organizations" data-testid="tab-organizations">
            {t('Organizations')}
          </Tabs.Tab>
          <Tabs.Tab value="products" data-testid="tab-products">
            {t('Products')}
          </Tabs.Tab>
        </Tabs.List>
      </Tabs>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={t('State')}
          value={view.state ?? 'all'}
          onChange={(value) =>
            onView({ state: value === 'all' ? undefined : (value as OrganizationState), id: undefined })
          }
          data={[
            { value: 'all', label: `${t('All')} ${formatCount(all)}` },
            ...states.map((state) => ({
              value: state,
              label: `${t(MAPPING_STATES[state].label)} ${formatCount(counts[state] ?? 0)}`,
            })),
          ]}
        />
        <TextInput
          type="search"
          placeholder={t('Search')}
          aria-label={t('Search')}
          leftSection={<Search size={15} aria-hidden />}
          value={view.search ?? ''}
          onChange={(event) => onView({ search: event.currentTarget.value || undefined, id: undefined })}
          w={240}
          data-testid="mapping-search"
        />
        {onlyName !== undefined && (
          <Button
            variant="light"
            rightSection={<X size={14} aria-hidden />}
            onClick={() => onView({ id: undefined })}
            aria-label={t('Show all, not only {name}', { name: onlyName })}
          >
            {onlyName}
          </Button>
        )}
        <span className={classes.spring} />
        {bulk}
      </div>
      {children}
    </Page>
  )
}

/** Refreshes the mirrors of both sides; new organizations arrive as excluded. */
function SyncOrganizations() {
  const t = useT()
  const refresh = useRefreshMirrors()
  const { data: active } = useQuery(activeRunsQuery)
  const isRunning = active?.some(({ kind }) => kind === 'mirror') ?? false
  return (
    <>
      {refresh.error && <ErrorState error={refresh.error} />}
      <Button
        variant="default"
        leftSection={<RefreshCw size={15} aria-hidden />}
        loading={refresh.isPending || isRunning}
        onClick={() => refresh.mutate(undefined)}
        data-testid="sync-organizations"
      >
        {t('Sync Organizations')}
      </Button>
    </>
  )
}
