/** What can be mapped to: companies, catalog items, agreements, agreement types. Refreshed by "Sync Organizations". */

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type Reference = Schemas['Reference']
export type Agreement = Schemas['AgreementReference']

export const referenceKeys = {
  all: ['reference'] as const,
  companies: (search: string) => ['reference', 'companies', search] as const,
  catalogItems: (search: string) => ['reference', 'catalog-items', search] as const,
  agreements: (companyId: string) => ['reference', 'agreements', companyId] as const,
  agreementTypes: ['reference', 'agreement-types'] as const,
}

/** Enough for a picker; whoever needs the 51st types another letter. */
const PICKER_LIMIT = 50

export const companiesQuery = (search: string) =>
  queryOptions({
    queryKey: referenceKeys.companies(search),
    queryFn: async () =>
      (await answer(api.GET('/api/v1/companies', { params: { query: { search, limit: PICKER_LIMIT } } })))
        .items,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })

export const catalogItemsQuery = (search: string) =>
  queryOptions({
    queryKey: referenceKeys.catalogItems(search),
    queryFn: async () =>
      (await answer(api.GET('/api/v1/catalog-items', { params: { query: { search, limit: PICKER_LIMIT } } })))
        .items,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })

export const agreementsQuery = (companyId: string) =>
  queryOptions({
    queryKey: referenceKeys.agreements(companyId),
    queryFn: async () =>
      (await answer(api.GET('/api/v1/agreements', { params: { query: { company_id: companyId } } }))).items,
    staleTime: 60_000,
  })

export const agreementTypesQuery = queryOptions({
  queryKey: referenceKeys.agreementTypes,
  queryFn: async () => (await answer(api.GET('/api/v1/agreement-types'))).items,
  staleTime: 5 * 60_000,
})
