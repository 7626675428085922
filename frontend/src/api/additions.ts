/** What additions of ours have billed and will bill. */

import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { lineKeys, type InvoiceLine } from './lines'
import { isProblem } from './problem'

export type Life = Schemas['LifeOut']
export type LifeAddition = Schemas['LifeAddition']
export type LifePeriod = Schemas['LifePeriod']

/** Under the lines, so that a run that refreshes them refreshes what they bill. Null where nothing was ever sent. */
export const lifeQuery = ({ id, agreement_id, subscription_id }: InvoiceLine) =>
  queryOptions({
    queryKey: [...lineKeys.all, 'life', id, agreement_id, subscription_id] as const,
    queryFn: async (): Promise<Life | null> => {
      const query = { line_id: id, agreement_id: agreement_id ?? '', subscription_id }
      try {
        return await answer(api.GET('/api/v1/additions/life', { params: { query } }))
      } catch (error) {
        if (isProblem(error, 'nothing_written')) return null
        throw error
      }
    },
  })
