/** Runs and plans that take their time: progress is told from the clock, so a page can be watched at work. */

import { http, HttpResponse } from 'msw'
import type { components } from '../src/api/schema.gen.ts'
import { add, negate, percentOf } from '../src/exact.ts'
import { countKinds, decide, makeDifferences, makeQuestions, NO_QUESTION, type Operation } from './billed.ts'
import { makeBilled } from './invoiced.ts'
import { problem } from './problem.ts'
import { examined, makeLine, makeRun, tally, type Line, type Plan, type Run, type World } from './world.ts'

type PlanIn = components['schemas']['PlanIn']

const TAKES_MS = Number(globalThis.process?.env?.MOCK_RUN_MS ?? 4_000)

export function workHandlers(world: World, takesMs = TAKES_MS) {
  let counter = 1
  const nextId = (kind: string) => `${kind}-${(counter += 1)}`

  const start = (kind: Run['kind'], periods: string[], total: number): Run => {
    const run = makeRun(nextId('run'), kind, 'running', periods, new Date().toISOString(), total)
    world.runs.unshift(run)
    return run
  }

  const advance = (run: Run): Run => {
    if (run.status !== 'running') return run
    const elapsed = Date.now() - new Date(run.created_at).getTime()
    run.progress.done = Math.min(run.progress.total, Math.floor((run.progress.total * elapsed) / takesMs))
    if (elapsed >= takesMs) finish(run)
    return run
  }

  const finish = (run: Run): void => {
    run.status = 'succeeded'
    run.finished_at = new Date().toISOString()
    if (run.kind === 'load') {
      for (const period of run.periods) {
        if (world.lines.get(period)?.length) continue
        world.lines.set(
          period,
          Array.from({ length: 420 }, (_, index) =>
            makeLine(index, period, world.organizations, world.products),
          ),
        )
      }
      const lines = run.periods.flatMap((period) => world.lines.get(period) ?? [])
      run.outcomes = Object.fromEntries(
        Object.entries(Object.groupBy(lines, ({ status }) => status)).map(([name, part]) => [
          name,
          tally(part),
        ]),
      )
    }
    if (run.kind === 'push') settle(run)
    if (run.kind === 'examination') run.outcomes = examined(run.progress.total, 1_204, 0)
  }

  const settle = (run: Run): void => {
    const lines = world.lines.get(run.periods[0] ?? '') ?? []
    const ready = lines.filter(({ status }) => status === 'ready')
    const operations = world.operations.get(run.plan_id ?? '') ?? []
    run.outcomes = { created: tally(ready) }
    for (const line of ready)
      Object.assign(line, {
        status: 'sent',
        sent_at: run.finished_at,
        addition_id: `${9000 + Number(line.row_id.slice(4))}`,
        version: line.version + 1,
      })
    for (const operation of operations) operation.status = 'done'
    const plan = world.plans.get(run.plan_id ?? '')
    if (plan) plan.status = 'applied'
    run.receipt_id = run.id
    world.receipts.set(run.id, makeReceipt(run, lines, makeDifferences(operations, world), plan))
  }

  return [
    http.post('*/api/v1/loads', async ({ request }) => {
      const { periods } = (await request.json()) as { periods: string[] }
      return HttpResponse.json(start('load', periods, 97), { status: 202 })
    }),
    http.post('*/api/v1/mirrors', () => HttpResponse.json(start('mirror', [], 12), { status: 202 })),
    http.post('*/api/v1/examinations', () =>
      HttpResponse.json(start('examination', [], 87), { status: 202 }),
    ),
    http.get('*/api/v1/runs', ({ request }) => {
      const query = new URL(request.url).searchParams
      const items = world.runs
        .map(advance)
        .filter(
          (run) =>
            (!query.get('kind') || run.kind === query.get('kind')) &&
            (!query.get('status') || run.status === query.get('status')),
        )
      return HttpResponse.json({ items, next_cursor: null })
    }),
    http.get('*/api/v1/runs/:id/invoices', ({ params }) =>
      HttpResponse.json({ items: invoicesOf(world, String(params.id)), next_cursor: null }),
    ),
    http.get('*/api/v1/runs/:id', ({ params }) => {
      const run = world.runs.find(({ id }) => id === params.id)
      return run
        ? HttpResponse.json(advance(run))
        : problem(404, 'run_not_found', 'There is no such run.', 'Open Runs.')
    }),
    http.post('*/api/v1/plans', async ({ request }) => {
      const wanted = (await request.json()) as PlanIn
      const plan = makePlan(nextId('plan'), wanted, world)
      world.plans.set(plan.id, plan)
      return HttpResponse.json(plan, { status: 202 })
    }),
    http.get('*/api/v1/plans', ({ request }) => {
      const period = new URL(request.url).searchParams.get('period')
      const items = [...world.plans.values()].filter((plan) => !period || plan.period === period).reverse()
      return HttpResponse.json({ items, next_cursor: null })
    }),
    http.get('*/api/v1/plans/:id/operations', ({ params, request }) => {
      const query = new URL(request.url).searchParams
      const operations = (world.operations.get(String(params.id)) ?? []).filter(
        ({ kind }) => !query.get('kind') || kind === query.get('kind'),
      )
      const from = Number(query.get('cursor') ?? 0)
      const end = from + Number(query.get('limit') ?? 200)
      return HttpResponse.json({
        items: operations.slice(from, end),
        next_cursor: end < operations.length ? String(end) : null,
      })
    }),
    http.post('*/api/v1/plans/:id/apply', ({ params }) => {
      const plan = world.plans.get(String(params.id))
      if (plan?.status !== 'ready') {
        return problem(409, 'plan_is_stale', 'This plan can no longer be applied.', 'Plan again.')
      }
      const { create, update, close, true_up } = plan.summary
      const run = start('push', [plan.period], create + update + close + true_up)
      run.plan_id = plan.id
      plan.run_id = run.id
      return HttpResponse.json(run, { status: 202 })
    }),
    http.post('*/api/v1/plans/:id/decisions', async ({ params, request }) => {
      const decisions = (await request.json()) as components['schemas']['DecisionIn'][]
      const plan = world.plans.get(String(params.id))
      if (plan?.status !== 'ready') {
        return problem(409, 'plan_is_stale', 'This plan says no longer what would happen.', 'Plan again.')
      }
      const operations = world.operations.get(plan.id) ?? []
      for (const decision of decisions) {
        const operation = operations.find(({ id }) => id === decision.operation_id)
        if (!operation?.cause)
          return problem(422, 'operation_is_not_undecided', 'It asks nothing.', 'Look at the plan again.')
        decide(operation, decision, 'Dana Reyes')
      }
      plan.summary = countKinds(operations)
      return HttpResponse.json(plan)
    }),
    http.get('*/api/v1/plans/:id/by-hand', ({ params }) =>
      HttpResponse.json({ items: world.byHand.get(String(params.id)) ?? [], next_cursor: null }),
    ),
    http.post('*/api/v1/plans/:id/hand-decisions', async ({ params, request }) => {
      const id = String(params.id)
      const plan = world.plans.get(id)
      if (!plan) return problem(404, 'plan_not_found', 'There is no such plan.', 'Plan again.')
      for (const { line_id, choice } of (await request.json()) as components['schemas']['HandDecisionIn'][]) {
        const entry = world.byHand.get(id)?.find((each) => each.line_id === line_id)
        if (entry) Object.assign(entry, { state: choice, decided_by: 'Dana Reyes' })
      }
      plan.status = 'stale'
      plan.moved = ['Dana Reyes decided what was billed by hand.']
      return HttpResponse.json(plan)
    }),
    http.get('*/api/v1/plans/:id', ({ params }) => {
      const plan = world.plans.get(String(params.id))
      if (!plan) return problem(404, 'plan_not_found', 'There is no such plan.', 'Plan the month again.')
      const age = Date.now() - new Date(plan.created_at).getTime()
      if (plan.status === 'computing' && age > takesMs / 2)
        Object.assign(plan, { status: 'ready', computed_at: new Date().toISOString() })
      return HttpResponse.json(plan)
    }),
    http.get('*/api/v1/receipts', () => {
      const items = [...world.receipts.values()]
        .reverse()
        .map((receipt) => ({ ...receipt, unsent: undefined, failures: undefined, differences: undefined }))
      return HttpResponse.json({ items, next_cursor: null })
    }),
    http.get('*/api/v1/receipts/:id', ({ params }) => {
      const receipt = world.receipts.get(String(params.id))
      return receipt
        ? HttpResponse.json(receipt)
        : problem(404, 'receipt_not_found', 'There is no such receipt.', 'Open Runs.')
    }),
  ]
}

function invoicesOf(world: World, runId: string) {
  const run = world.runs.find(({ id }) => id === runId)
  const invoices = Object.values(
    Object.groupBy(
      (run?.periods ?? []).flatMap((period) => world.lines.get(period) ?? []),
      ({ invoice_id }) => invoice_id,
    ),
  )
  return invoices.flatMap((lines, index) => {
    const [first] = lines ?? []
    if (!lines || !first) return []
    const total = lines.reduce((sum, line) => add(sum, line.total), '0.00')
    const state = index === 2 ? 'quarantined' : index % 9 === 5 ? 'preview' : 'accepted'
    return [
      {
        invoice_id: first.invoice_id,
        number: first.invoice_number,
        period: first.period,
        date: `${first.charge_start_date?.slice(0, 7)}-28`,
        organization: first.organization,
        currency: first.currency,
        status: state === 'preview' ? 'Draft' : 'Verified',
        state,
        reason: state === 'quarantined' ? 'Its rows do not add up to its total.' : '',
        checksum: state === 'quarantined' ? add(total, '0.01') : total,
        rows_total: total,
        rows: lines.length,
      },
    ]
  })
}

function makePlan(id: string, wanted: PlanIn, world: World): Plan {
  const { period, organizations = [], agreements = [], lines: named = [], subscription } = wanted
  const lines = (world.lines.get(period) ?? []).filter(
    (line) => !organizations.length || organizations.includes(line.organization_id),
  )
  const ready = lines.filter(({ status }) => status === 'ready')
  const sent = lines.filter(({ status }) => status === 'sent')
  const unsent = lines.filter(({ status }) => status !== 'ready' && status !== 'sent')
  const operations = [
    ...ready.map((line, index) => makeOperation(line, index % 6 === 2 ? 'update' : 'create')),
    ...sent.map((line) => makeOperation(line, 'none')),
    ...ready.slice(0, 1).map(makeTrueUp),
    ...makeQuestions(lines, period),
  ]
  world.operations.set(id, operations)
  return {
    id,
    period,
    scope: {
      period,
      organization_ids: organizations,
      agreement_ids: agreements,
      line_ids: named,
      subscription_id: subscription,
    },
    status: 'computing',
    summary: countKinds(operations),
    marked_up: {},
    amounts: tally([...ready, ...sent]).amounts,
    unsent: tally(unsent),
    dropped: tally([]),
    by_hand: { billed_before: tally([]), asked: tally([]), adopted: tally([]), untouched: tally([]) },
    calls_needed: ready.length * 2 + 18,
    error: '',
    requested_by: 'Dana Reyes',
    moved: [],
    invoices_unread: '',
    created_at: new Date().toISOString(),
    computed_at: null,
    computing_run_id: null,
    run_id: null,
  }
}

function makeOperation(line: Line, kind: Operation['kind']): Operation {
  const after = {
    quantity: line.quantity,
    unit_price: line.unit_price,
    effective_date: line.charge_start_date,
    cancelled_date: line.charge_end_date,
  }
  return {
    id: `op-${line.id}`,
    kind,
    organization: line.organization,
    company: line.company ?? '',
    agreement: line.agreement ?? '',
    agreement_id: line.agreement_id ?? '',
    addition_id: kind === 'create' ? null : '8812',
    product: line.product ?? '',
    subscription: line.subscription,
    currency: line.currency,
    amount: line.total,
    line_id: line.id,
    carries: [],
    before: kind === 'create' ? {} : { ...after, quantity: '9' },
    after,
    changes:
      kind === 'update'
        ? [
            { field: 'quantity', before: '9', after: line.quantity },
            { field: 'unit_price', before: '12.50', after: line.unit_price },
          ]
        : [],
    explanation: [
      'The agreement is the only active one of the company that fits.',
      'Quantity times price is exactly the invoiced total.',
    ],
    warnings:
      Number(line.row_id.slice(4)) % 31 === 0
        ? ['ConnectWise would bill 12.10 EUR in this period, because the agreement prorates.']
        : [],
    ...NO_QUESTION,
    status: 'planned',
    error: '',
  }
}

/** ConnectWise invoiced less than AppXite charges for the line: the difference goes out by itself. */
function makeTrueUp(line: Line): Operation {
  return {
    ...makeOperation(line, 'create'),
    id: `true-up-${line.id}`,
    kind: 'true_up',
    amount: '14.20',
    after: {
      quantity: '1',
      unit_price: '14.20',
      effective_date: line.charge_start_date,
      cancelled_date: line.charge_end_date,
    },
    explanation: ['ConnectWise has invoiced 14.20 less than AppXite charges for this line.'],
  }
}

function makeReceipt(
  run: Run,
  lines: Line[],
  differences: components['schemas']['Difference'][],
  plan: Plan | undefined,
): components['schemas']['ReceiptOut'] {
  const groups = Object.values(Object.groupBy(lines, (line) => `${line.organization_id}/${line.currency}`))
  const unsent = lines.filter(({ status }) => status !== 'sent')
  return {
    run_id: run.id,
    period: run.periods[0] ?? '',
    scope: plan?.scope,
    ties_out: differences.length === 0,
    arrived: true,
    accounted_for: true,
    bills_as_charged: differences.length === 0,
    examined: lines.length,
    totals: groups.flatMap((part) => (part ? makeTotal(part, differences) : [])),
    unsent: unsent.map((line) => ({
      line_id: line.id,
      invoice_id: line.invoice_id,
      invoice_number: line.invoice_number,
      row_id: line.row_id,
      organization_id: line.organization_id,
      organization: line.organization,
      product: line.offer,
      subscription: line.subscription,
      currency: line.currency,
      amount: line.total,
      status: line.status,
      reasons: line.hold_reasons,
      billed_by: '',
    })),
    failures: [],
    differences,
    billed: makeBilled(lines, run.periods[0] ?? ''),
    invoices_unread: '',
    plan_id: run.plan_id ?? '',
    unsent_count: unsent.length,
    billed_before_count: 0,
    dropped_count: 0,
    failure_count: 0,
    difference_count: differences.length,
    created_at: new Date().toISOString(),
  }
}

function makeTotal(
  part: Line[],
  differences: components['schemas']['Difference'][],
): components['schemas']['ReceiptTotal'][] {
  const [first] = part
  if (!first) return []
  const { organization, organization_id, currency } = first
  const sum = (lines: Line[]) => tally(lines).amounts[currency] ?? '0.00'
  const charged = sum(part)
  const gone = sum(part.filter(({ status }) => status === 'sent'))
  const mine = differences.filter(
    (each) => each.organization_id === organization_id && each.currency === currency,
  )
  return [
    {
      organization,
      organization_id,
      currency,
      appxite_total: charged,
      marked_up: '0.00',
      additions_total: gone,
      unsent_total: add(charged, negate(gone)),
      rounded: '0.00',
      expected_billed: mine.reduce((total, { amount }) => add(total, amount), gone),
      not_billable: '0.00',
      sent_percent: percentOf(gone, charged) ?? '0.0',
      ties_out: true,
      bills_as_charged: mine.length === 0,
    },
  ]
}
