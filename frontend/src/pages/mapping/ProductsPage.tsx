/** Offer → catalog item. Only offers that were invoiced appear. */

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Package } from 'lucide-react'
import { productsQuery, useAcceptProductSuggestions, type Product } from '@/api/products'
import type { OrganizationState } from '@/api/organizations'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { MappingFrame } from './MappingFrame'
import { ProductRows } from './ProductRows'
import { countStates, linesHeldByOpen, matching } from './narrowing'

const route = getRouteApi('/signed-in/mapping/products')
const STATES: OrganizationState[] = ['unmapped', 'suggested', 'mapped']

export function ProductsPage() {
  const t = useT()
  const view = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(productsQuery)
  const accept = useAcceptProductSuggestions()
  const all = query.data ?? []
  const shown = matching(all, view)
  const suggested = shown.filter(({ state, suggestion }) => state === 'suggested' && suggestion)
  return (
    <MappingFrame
      tab="products"
      standing={<ProductsStanding all={all} isKnown={query.isSuccess} />}
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
          <EmptyState icon={Package} title={all.length ? t('No offer matches') : t('No offers yet')}>
            {all.length
              ? t('Choose another state, or clear the search.')
              : t('Loading invoices brings the offers that were invoiced.')}
          </EmptyState>
        )}
        {shown.length > 0 && <ProductRows products={shown} />}
      </Card>
    </MappingFrame>
  )
}

function ProductsStanding({ all, isKnown }: { all: Product[]; isKnown: boolean }) {
  const t = useT()
  const counts = countStates(all)
  const open = (counts.unmapped ?? 0) + (counts.suggested ?? 0)
  const held = linesHeldByOpen(all)
  if (!isKnown) return <>{'\u00a0'}</>
  if (all.length === 0) return <>{t('No offer was invoiced yet. Next: load invoices.')}</>
  if (open === 0) return <>{t('Every invoiced offer has its catalog item. Next: invoices.')}</>
  return (
    <>
      {t('{open, plural, one {# offer waits} other {# offers wait}} for a catalog item', { open })}
      {held > 0 && t(', which holds {held, plural, one {# line} other {# lines}}', { held })}
      {'.'}
    </>
  )
}
