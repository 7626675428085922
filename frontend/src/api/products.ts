/** Offer → catalog item. Same shape and same consequences as organizations. */

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, everyItem, type Schemas } from './client'
import { useIntention } from './intention'
import { forgetRatedLines } from './organizations'

export type Product = Schemas['ProductItem']

export const productKeys = { all: ['products'] as const }

export const productsQuery = queryOptions({
  queryKey: productKeys.all,
  queryFn: () =>
    everyItem((cursor) =>
      answer(api.GET('/api/v1/products', { params: { query: { limit: 1000, cursor } } })),
    ),
})

export function useEditProduct() {
  const client = useQueryClient()
  return useIntention({
    send: (send, { id, body }: { id: string; body: Schemas['ProductChange'] }) =>
      answer(send.PATCH('/api/v1/products/{offer_id}', { params: { path: { offer_id: id } }, body })),
    onSuccess: (saved) => {
      client.setQueryData(productsQuery.queryKey, (items) =>
        items?.map((item) => (item.id === saved.id ? saved : item)),
      )
      forgetRatedLines(client)
    },
    onError: () => client.invalidateQueries({ queryKey: productKeys.all }),
  })
}

export function useAcceptProductSuggestions() {
  const client = useQueryClient()
  return useIntention({
    send: (send, ids: string[]) =>
      answer(send.POST('/api/v1/products/accept-suggestions', { body: { ids } })),
    onSuccess: () => {
      forgetRatedLines(client)
      return client.invalidateQueries({ queryKey: productKeys.all })
    },
  })
}
