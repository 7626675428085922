/** What additions bill: two segments, the change between them trued up, and three periods ahead. */

import { http, HttpResponse } from 'msw'
import type { components } from '../src/api/schema.gen.ts'
import { add } from '../src/exact.ts'
import { lastDayOf, type Line, type World } from './world.ts'
import { problem } from './problem.ts'

type Schemas = components['schemas']
type Addition = Schemas['LifeAddition']
type Period = Schemas['LifePeriod']

const TRUE_UP = '6.00'

function monthsOn(period: string, months: number): string {
  const [year = 0, month = 1] = period.split('-').map(Number)
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 7)
}

function makePeriod(line: Line, back: number, amount: string, today: string): Period {
  const month = monthsOn(line.period, -back)
  const isCharged = back >= 0
  return {
    starts_on: `${month}-01`,
    ends_on: lastDayOf(month),
    is_current: today.startsWith(month),
    is_invoiced: back > 0,
    amount,
    charges: isCharged
      ? [
          {
            line_id: `${line.id}-${month}`,
            invoice_id: `inv-${month}`,
            invoice_number: `INV-${month}`,
            amount,
          },
        ]
      : [],
    charged: isCharged ? amount : null,
    difference: isCharged ? '0.00' : null,
    words: isCharged ? '' : 'No line has come for this period yet.',
  }
}

function makeAddition(line: Line, of: Partial<Addition>): Addition {
  return {
    addition_id: '70412',
    kind: 'segment',
    segment: 1,
    corrects: '',
    is_of_line: true,
    is_adopted: false,
    state: 'open',
    starts_on: `${line.period}-01`,
    last_billed_day: null,
    product: line.product ?? '',
    quantity: line.quantity,
    unit_price: line.unit_price,
    bill_option: line.bill_option,
    periods: [],
    words: '',
    ...of,
  }
}

function makeSegments(line: Line, today: string): Addition[] {
  const start = monthsOn(line.period, -3)
  const before = monthsOn(line.period, -1)
  const periods = (backs: number[], amount: string) =>
    backs.map((back) => makePeriod(line, back, amount, today))
  return [
    makeAddition(line, {
      is_of_line: false,
      is_adopted: true,
      state: 'ended',
      starts_on: `${start}-01`,
      last_billed_day: lastDayOf(before),
      periods: periods([3, 2, 1], line.total).map((period, index) =>
        index
          ? period
          : {
              ...period,
              amount: null,
              difference: null,
              words: 'What was billed is not known: no push of that time has kept what the addition held.',
            },
      ),
    }),
    makeAddition(line, {
      addition_id: '70431',
      kind: 'true_up',
      segment: null,
      corrects: '70412',
      quantity: '1',
      unit_price: TRUE_UP,
      last_billed_day: lastDayOf(line.period),
      periods: periods([0], TRUE_UP),
    }),
    makeAddition(line, {
      addition_id: '70430',
      segment: 2,
      periods: periods([0, -1, -2, -3], add(line.total, TRUE_UP)).map((period, index) =>
        index ? period : { ...period, charged: line.total, difference: TRUE_UP },
      ),
    }),
  ]
}

export function lifeHandlers(world: World) {
  return [
    http.get('*/api/v1/additions/life', ({ request }) => {
      const id = new URL(request.url).searchParams.get('line_id')
      const line = [...world.lines.values()].flat().find((each) => each.id === id)
      if (line?.status !== 'sent') {
        return problem(404, 'nothing_written', 'Nothing was ever written for this line.', 'Plan and push it.')
      }
      const today = new Date().toISOString().slice(0, 10)
      const life: Schemas['LifeOut'] = {
        agreement_id: line.agreement_id ?? '',
        agreement: line.agreement ?? '',
        link: 'https://na.myconnectwise.net/v4_6_release/services/system_io/router/openrecord.rails',
        currency: line.currency,
        today,
        next_invoice_date: `${line.period}-01`,
        is_shortened: false,
        additions: line.is_recurring
          ? makeSegments(line, today)
          : [
              makeAddition(line, {
                kind: 'one_time',
                segment: null,
                last_billed_day: lastDayOf(line.period),
                periods: [makePeriod(line, 0, line.total, today)],
              }),
            ],
      }
      return HttpResponse.json(life)
    }),
  ]
}
