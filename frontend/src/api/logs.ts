/** The system log of the last 30 days; new rows arrive by the live stream. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type LogEntry = Schemas['LogEntry']
export type LogLevel = Schemas['LogLevel']

export interface LogFilter {
  level?: LogLevel
  search?: string
  run_id?: string
}

export const logKeys = {
  all: ['system-logs'] as const,
  list: (filter: LogFilter) => ['system-logs', 'list', filter] as const,
  summary: ['system-logs', 'summary'] as const,
  undelivered: ['system-logs', 'undelivered'] as const,
}

export const logsQuery = (filter: LogFilter) =>
  infiniteQueryOptions({
    queryKey: logKeys.list(filter),
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/system-logs', { params: { query: { ...filter, limit: 100, cursor: pageParam } } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })

export const logSummaryQuery = queryOptions({
  queryKey: logKeys.summary,
  queryFn: () => answer(api.GET('/api/v1/system-logs/summary')),
  refetchInterval: 60_000,
})
