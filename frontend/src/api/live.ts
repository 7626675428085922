/**
 * The live stream: runs, plans, bulk edits and log rows as they change, put straight into the query cache.
 * It may lose messages by design, so queries of things under way also poll.
 */

import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { takeBulkEdit, type BulkEdit } from './bulk-edits'
import { dashboardKeys } from './dashboard'
import { refreshLines } from './lines'
import { logKeys } from './logs'
import { organizationKeys } from './organizations'
import { periodKeys } from './periods'
import { planKeys, type Plan } from './plans'
import { productKeys } from './products'
import { receiptKeys } from './receipts'
import { referenceKeys } from './reference'
import { isUnderWay, runKeys, runQuery, type Run } from './runs'

/** What each kind of run changes when it ends. */
const CHANGED_BY: Record<Run['kind'], readonly (readonly string[])[]> = {
  mirror: [organizationKeys.all, productKeys.all, referenceKeys.all, dashboardKeys.all],
  load: [periodKeys.all, organizationKeys.all, productKeys.all, planKeys.all, dashboardKeys.all],
  plan: [planKeys.all, dashboardKeys.all],
  push: [planKeys.all, receiptKeys.all, dashboardKeys.all],
  examination: [planKeys.all, referenceKeys.all],
}

/** A run has ended, whoever noticed: what it changed is read again. Every kind touches lines. */
export function settleRun(client: QueryClient, run: Run): void {
  void client.invalidateQueries({ queryKey: runKeys.lists })
  void client.invalidateQueries({ queryKey: runKeys.invoices(run.id) })
  refreshLines(client)
  for (const queryKey of CHANGED_BY[run.kind]) void client.invalidateQueries({ queryKey })
}

function takeRun(client: QueryClient, run: Run): void {
  const known = client.getQueryData<Run>(runKeys.detail(run.id))
  client.setQueryData(runKeys.detail(run.id), run)
  if (!known) void client.invalidateQueries({ queryKey: runKeys.lists })
  if (!isUnderWay(run)) settleRun(client, run)
}

/** A run that is followed to its end, by the stream or by polling. */
export function useRun(id: string | undefined) {
  const client = useQueryClient()
  const query = useQuery({ ...runQuery(id ?? ''), enabled: id !== undefined })
  const wasUnderWay = useRef(false)
  const run = query.data
  useEffect(() => {
    if (!run) return
    if (wasUnderWay.current && !isUnderWay(run)) settleRun(client, run)
    wasUnderWay.current = isUnderWay(run)
  }, [client, run])
  return query
}

function takePlan(client: QueryClient, plan: Plan): void {
  client.setQueryData(planKeys.detail(plan.id), plan)
  void client.invalidateQueries({ queryKey: planKeys.list(plan.period) })
  if (plan.status !== 'computing')
    void client.invalidateQueries({ queryKey: planKeys.everyOperation(plan.id) })
}

function parse<T>(event: MessageEvent<string>): T | undefined {
  try {
    return JSON.parse(event.data) as T
  } catch {
    return undefined // a half message is a lost message; polling brings the truth
  }
}

export type LiveState = 'connecting' | 'live' | 'polling'

/** Follows the stream while mounted; the state is shown so that nobody mistakes old for new. */
export function useLiveStream(): LiveState {
  const client = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  useEffect(() => {
    if (typeof EventSource === 'undefined') return
    const source = new EventSource('/api/v1/live')
    source.addEventListener('open', () => setState('live'))
    source.addEventListener('error', () => setState('polling'))
    source.addEventListener('run', (event: MessageEvent<string>) => {
      const run = parse<Run>(event)
      if (run?.id) takeRun(client, run)
    })
    source.addEventListener('plan', (event: MessageEvent<string>) => {
      const plan = parse<Plan>(event)
      if (plan?.id) takePlan(client, plan)
    })
    source.addEventListener('bulk_edit', (event: MessageEvent<string>) => {
      const edit = parse<BulkEdit>(event)
      if (edit?.id) takeBulkEdit(client, edit)
    })
    source.addEventListener('log', () => void client.invalidateQueries({ queryKey: logKeys.all }))
    return () => source.close()
  }, [client])
  return state
}
