/** Months that were loaded or may be. A finished load changes them (see live.ts). */

import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

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
