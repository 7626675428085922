/** What can be mapped to: companies, catalog items, agreements, agreement types. Refreshed by "Sync Organizations". */

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type Reference = Schemas['Reference']
export type Agreement = Schemas['AgreementReference']

export const referenceKeys = { all: ['reference'] as const }

/** Enough for a picker; whoever needs the 51st types another letter. */
const PICKER_LIMIT = 50

export const companiesQuery = (search: string) =>
  queryOptions({
    queryKey: [...referenceKeys.all, 'companies', search],
    queryFn: async () =>
      (await answer(api.GET('/api/v1/companies', { params: { query: { search, limit: PICKER_LIMIT } } })))
        .items,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })

export const catalogItemsQuery = (search: string) =>
  queryOptions({
    queryKey: [...referenceKeys.all, 'catalog-items', search],
    queryFn: async () =>
      (await answer(api.GET('/api/v1/catalog-items', { params: { query: { search, limit: PICKER_LIMIT } } })))
        .items,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })

export const agreementsQuery = (companyId: string) =>
  queryOptions({
    queryKey: [...referenceKeys.all, 'agreements', companyId],
    queryFn: async () =>
      (await answer(api.GET('/api/v1/agreements', { params: { query: { company_id: companyId } } }))).items,
    staleTime: 60_000,
  })

export const agreementTypesQuery = queryOptions({
  queryKey: [...referenceKeys.all, 'agreement-types'],
  queryFn: async () => (await answer(api.GET('/api/v1/agreement-types'))).items,
  staleTime: 5 * 60_000,
})
