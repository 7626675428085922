/** The overview. Everything that ends (a run, an edit) makes it old; it is cheap to read again. */

import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type Dashboard = Schemas['DashboardOut']

export const dashboardKeys = { all: ['dashboard'] as const }

export const dashboardQuery = queryOptions({
  queryKey: dashboardKeys.all,
  queryFn: () => answer(api.GET('/api/v1/dashboard')),
  refetchInterval: 60_000,
})
