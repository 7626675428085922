/** Months that were loaded or may be. A finished load changes them (see live.ts). */

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'

export type Period = Schemas['PeriodOut']

export const periodKeys = { all: ['periods'] as const }

export const periodsQuery = queryOptions({
  queryKey: periodKeys.all,
  queryFn: async () => (await answer(api.GET('/api/v1/periods'))).items,
})

/** The month a person most likely works on: the newest that holds lines, else the current one. */
export function defaultPeriod(periods: Period[]): string | undefined {
  const newestFirst = [...periods].sort((a, b) => b.period.localeCompare(a.period))
  return (newestFirst.find((period) => period.loaded_at) ?? newestFirst[0])?.period
}

/** Says that every invoice of a month has come, or takes that back. The next plan reckons with it. */
export function useSayComplete(period: string) {
  const client = useQueryClient()
  return useIntention({
    send: (send, is_complete: boolean) =>
      answer(
        send.PUT('/api/v1/periods/{period}/completeness', {
          params: { path: { period } },
          body: { is_complete },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: periodKeys.all }),
  })
}
