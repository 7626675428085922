/** A small believable world for development and tests: one partner, its lines, its runs. Held in memory. */

import type { components } from '../src/api/schema.gen.ts'
import { add } from '../src/exact.ts'

type Schemas = components['schemas']
export type Line = Schemas['LineItem']
export type Run = Schemas['RunOut']
export type Plan = Schemas['PlanOut']
export type Organization = Schemas['OrganizationItem']
export type Product = Schemas['ProductItem']

const NAMES = [
  'Northwind Traders',
  'Contoso Manufacturing',
  'Fabrikam Legal',
  'Tailspin Toys',
  'Alpine Ski House',
  'Wide World Importers',
  'Litware Dental Group',
  'Proseware Architects',
  'Adventure Works',
  'Graphic Design Institute',
  'Humongous Insurance',
  'Lucerne Publishing',
  'Margie\u2019s Travel',
  'Southridge Video',
  'Trey Research',
  'Woodgrove Bank',
]
const OFFERS = [
  'Microsoft 365 Business Premium',
  'Microsoft 365 E3',
  'Exchange Online Plan 1',
  'Azure plan usage',
  'Acronis Cyber Protect',
  'Power BI Pro',
  'Windows 365 Enterprise',
  'Bitdefender GravityZone',
  'Dropsuite Backup',
  'Visio Plan 2',
]
const CHARGES = ['CycleFee', 'CycleFee', 'CycleFee', 'PurchaseFee', 'Correction', 'UsageFee', 'OneTimeFee']

/** The month in progress and the two before it, whenever the mock runs. */
export function months(today = new Date()): [current: string, previous: string, older: string] {
  const month = (back: number) =>
    new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1)).toISOString().slice(0, 7)
  return [month(0), month(1), month(2)]
}

export function lastDayOf(period: string): string {
  const [year = 0, month = 1] = period.split('-').map(Number)
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
}

/** Whole cents as a decimal string. */
export function cents(value: number): string {
  const sign = value < 0 ? '-' : ''
  const digits = String(Math.abs(value)).padStart(3, '0')
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function provenance(
  source: string | null,
  system: string | null,
  user: string | null,
): Schemas['DateOrigin'] {
  const origin = user ? 'user' : system ? 'system' : 'source'
  const explanation =
    origin === 'system'
      ? 'Rule: first day of the invoice month.'
      : origin === 'user'
        ? 'Typed by Dana Reyes.'
        : ''
  return { provenance: origin, source, system, user, explanation }
}

export function effective(field: Schemas['DateOrigin']): string | null {
  return field.user ?? field.system ?? field.source
}

export function makeLine(
  index: number,
  period: string,
  organizations: Organization[],
  products: Product[],
): Line {
  const organization = organizations[index % organizations.length]!
  const product = products[(index * 7) % products.length]!
  const charge = CHARGES[(index * 3) % CHARGES.length]!
  const quantity = 1 + ((index * 11) % 40)
  const price = 199 + ((index * 137) % 9000)
  const sign = charge === 'Correction' && index % 2 ? -1 : 1
  const start = `${period}-${String(1 + (index % 5 === 0 ? (index % 20) + 1 : 0)).padStart(2, '0')}`
  const isRuled = index % 4 === 1
  const isTyped = index % 23 === 5
  const starts = provenance(start, isRuled ? `${period}-01` : null, isTyped ? `${period}-05` : null)
  const ends = provenance(lastDayOf(period), null, null)
  const line: Line = {
    id: `line-${period}-${index}`,
    version: 1,
    status: 'ready',
    hold_reasons: [],
    organization: organization.name,
    organization_id: organization.id,
    company: organization.company?.name ?? null,
    agreement: organization.company ? 'Cloud Services' : null,
    agreement_id: organization.company ? `agr-${organization.company.id}` : null,
    offer: product.name,
    offer_id: product.id,
    product: product.product?.name ?? null,
    product_id: product.product?.id ?? null,
    subscription: `${product.name} (${organization.name.split(' ')[0]})`,
    subscription_id: `sub-${organization.id}-${product.id}`,
    invoice_number: `INV-${period.replace('-', '')}-${String(1 + (index % 97)).padStart(4, '0')}`,
    invoice_id: `inv-${period}-${index % 97}`,
    row_id: `row-${index}`,
    charge_type: charge,
    quantity: String(quantity),
    unit_price: cents(sign * price),
    total: cents(sign * price * quantity),
    currency: organization.currency ?? 'EUR',
    charge_start_date: effective(starts),
    charge_end_date: effective(ends),
    period,
    company_id: organization.company?.id ?? null,
    invoice_date: lastDayOf(period),
    is_recurring: charge === 'CycleFee' || charge === 'PurchaseFee',
    description: `${product.name}, ${charge}`,
    bill_option: 'Billable',
    taxable: true,
    addition_quantity: String(quantity),
    addition_unit_price: cents(sign * price),
    amount: cents(sign * price * quantity),
    remainder: '0',
    is_gathered: false,
    carried_with: 0,
    unit_cost: null,
    forecast: null,
    explanation: ['Quantity times price is exactly the invoiced total.'],
    warnings:
      index % 41 === 9
        ? ['ConnectWise would bill 12.10 in this period, because the agreement prorates.']
        : [],
    push_error: '',
    excluded: false,
    dropped_by: null,
    decided: isTyped ? { charge_start_date: `${period}-05` } : {},
    is_invoiced: false,
    provenance: { charge_start_date: starts, charge_end_date: ends },
    sent_at: null,
    addition_id: null,
  }
  return rate(line, organization, product, index)
}

function rate(line: Line, organization: Organization, product: Product, index: number): Line {
  const reasons: Schemas['HoldReason'][] = []
  if (organization.state !== 'mapped') reasons.push('organization_unmapped')
  if (product.state !== 'mapped') reasons.push('product_unmapped')
  if (index % 61 === 7) reasons.push('starts_before_billing')
  if (index % 89 === 3) reasons.push('zero_price')
  if (organization.state === 'excluded') return { ...line, status: 'excluded' }
  if (index % 97 === 13) return { ...line, status: 'preview' }
  if (reasons.length) return { ...line, status: 'held', hold_reasons: reasons }
  return line
}

export function makeOrganizations(count = NAMES.length): Organization[] {
  return Array.from({ length: count }, (_, index) => {
    const name =
      index < NAMES.length
        ? NAMES[index]!
        : `${NAMES[index % NAMES.length]} ${Math.floor(index / NAMES.length) + 1}`
    const state =
      index === 3
        ? 'suggested'
        : index === 6
          ? 'unmapped'
          : index === 11
            ? 'suggested'
            : index === 14
              ? 'excluded'
              : 'mapped'
    return {
      id: `org-${index}`,
      name,
      currency: index % 6 === 4 ? 'USD' : 'EUR',
      state,
      company:
        state === 'mapped'
          ? { id: `co-${index}`, name, identifier: name.replaceAll(/\W/g, '').slice(0, 10) }
          : null,
      agreement: null,
      suggestion:
        state === 'suggested'
          ? {
              company_id: `co-${index}`,
              company: `${name} Ltd`,
              score: 94,
              reason: 'same name without the legal form',
            }
          : null,
      lines_held: 0,
      version: 1,
    }
  })
}

export function makeProducts(): Product[] {
  return OFFERS.map((name, index) => {
    const state = index === 4 ? 'suggested' : index === 9 ? 'unmapped' : 'mapped'
    return {
      id: `offer-${index}`,
      name,
      state,
      product: state === 'mapped' ? { id: `cat-${index}`, name, identifier: `CSP-${100 + index}` } : null,
      suggestion:
        state === 'suggested'
          ? {
              product_id: `cat-${index}`,
              product: `${name} 15`,
              score: 88,
              reason: 'most words in common',
            }
          : null,
      lines_held: 0,
      version: 1,
    }
  })
}

export interface World {
  organizations: Organization[]
  products: Product[]
  lines: Map<string, Line[]>
  runs: Run[]
  plans: Map<string, Plan>
  operations: Map<string, Schemas['OperationOut'][]>
  /** Plan → charges with what people made by hand beside them. */
  byHand: Map<string, Schemas['ByHandEntry'][]>
  receipts: Map<string, Schemas['ReceiptOut']>
  logs: Schemas['LogEntry'][]
  undelivered: Schemas['Undelivered'][]
  roles: Schemas['Role'][]
  connections: Record<Schemas['ConnectedSystem'], Schemas['ConnectionOut']>
  traits: Schemas['TraitOut'][]
  rules: Schemas['RulesVersion']
  tokens: Schemas['ApiToken'][]
  isSignedIn: boolean
  /** Newest first. */
  bulkEdits: Schemas['BulkEditOut'][]
  /** Bulk edits of more lines than this need a reason. */
  bulkReasonAbove: number
  /** Months of which a person said that every invoice has come. */
  completeMonths: Set<string>
}

const RULES: Schemas['BillingRules'] = {
  default_agreement_type_id: '1',
  charge_start: { kind: 'first_day_of_month', offset_months: 0, offset_days: 0 },
  charge_end: null,
  by_charge_type: {
    UsageFee: {
      display_name: 'Usage',
      charge_start: null,
      charge_end: null,
      bill_option: 'Billable',
      taxable: true,
    },
  },
  description_template: '{subscription} - {charge_type}',
  day_form: 'iso',
  quantities: 'keep_quantity',
  allow_zero_price: false,
  drop_zero_lines: false,
  drop_favourable_prorations: false,
  late_one_time: 'next_open_period',
  late_recurring: 'hold',
  recurring_end: 'open_ended',
  when_longer_than_cycle: 'one_time',
  when_changed_after_invoicing: 'true_up',
  collapse_usage: false,
  when_undecided: { absent: 'end' },
}

export function makeWorld(lineCount = 600): World {
  const organizations = makeOrganizations(lineCount > 5_000 ? 64 : 16)
  const products = makeProducts()
  const [current, previous] = months()
  const lines = new Map<string, Line[]>()
  lines.set(
    previous,
    Array.from({ length: lineCount }, (_, index) => makeLine(index, previous, organizations, products)),
  )
  lines.set(current, [])
  const now = Date.now()
  const at = (minutesAgo: number) => new Date(now - minutesAgo * 60_000).toISOString()
  return {
    organizations,
    products,
    lines,
    runs: [makeRun('run-1', 'load', 'succeeded', [previous], at(44), lineCount)],
    plans: new Map(),
    operations: new Map(),
    byHand: new Map(),
    receipts: new Map(),
    logs: makeLogs(at),
    undelivered: [],
    roles: ['finance'],
    connections: makeConnections(at),
    traits: makeTraits(at(300)),
    rules: { version: 3, rules: RULES, saved_at: at(3_000), saved_by: 'Dana Reyes' },
    tokens: [],
    isSignedIn: false,
    bulkEdits: [],
    bulkReasonAbove: Infinity,
    completeMonths: new Set(),
  }
}

/** What a check for duplicates counts. */
export function examined(agreements: number, additions: number, twins: number): Run['outcomes'] {
  const counts = {
    agreements_examined: agreements,
    additions_examined: additions,
    twins,
    agreements_unreadable: 0,
    additions_unreadable: 0,
  }
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { count, amounts: {} }]))
}

export function makeRun(
  id: string,
  kind: Run['kind'],
  status: Run['status'],
  periods: string[],
  startedAt: string,
  total: number,
): Run {
  const isDone = status === 'succeeded'
  return {
    id,
    kind,
    status,
    periods,
    progress: { done: isDone ? total : 0, total },
    outcomes: isDone
      ? {
          ready: { count: total - 120, amounts: { EUR: '48210.55' } },
          held: { count: 120, amounts: { EUR: '2310.10' } },
        }
      : {},
    error: '',
    requested_by: 'Dana Reyes',
    created_at: startedAt,
    started_at: startedAt,
    finished_at: isDone ? new Date(new Date(startedAt).getTime() + 14_200).toISOString() : null,
    plan_id: null,
    receipt_id: null,
  }
}

function makeLogs(at: (minutesAgo: number) => string): Schemas['LogEntry'][] {
  const rows: [Schemas['LogLevel'], string, string, number][] = [
    ['INFO', 'Load succeeded', '480 ready, 120 held', 43],
    ['WARNING', 'ConnectWise asked to wait', 'Answered 429; tried again after 2 s.', 44],
    ['ERROR', 'Invoice INV-0042 quarantined', 'Rows add up to 120.10 EUR, the invoice says 120.11 EUR.', 44],
    ['INFO', 'Load started', 'Invoices of the previous month', 44],
    ['INFO', 'Signed in', 'dana@northgate.example', 50],
  ]
  return rows.map(([level, title, details, ago], index) => ({
    id: `log-${index}`,
    level,
    occurred_at: at(ago),
    title,
    details,
    run_id: index < 4 ? 'run-1' : null,
    actor: 'Dana Reyes',
    correlation_id: `c-${index}`,
  }))
}

function makeTraits(learnedAt: string): Schemas['TraitOut'][] {
  const unknown = { learned: null, learned_at: null, addition_id: '', sent: '', kept: '' }
  return [
    {
      name: 'price_decimals',
      words: 'decimals kept of a unit price',
      value: 2,
      origin: 'learned',
      learned: 2,
      learned_at: learnedAt,
      addition_id: '70012',
      sent: '1.9435',
      kept: '1.94',
    },
    { name: 'catches_up', words: 'bills missed days', value: true, origin: 'guessed', ...unknown },
  ]
}

function makeConnections(at: (minutesAgo: number) => string): World['connections'] {
  const base = { has_secret: true, status: 'ok' as const, tested_at: at(180), missing_rights: [] }
  return {
    appxite: {
      ...base,
      system: 'appxite',
      address: 'http://127.0.0.1:8091',
      profile: 'reporting-current',
      settings: { seller_id: 'northgate' },
    },
    connectwise: {
      ...base,
      system: 'connectwise',
      address: 'http://127.0.0.1:8092',
      profile: '',
      settings: { company_id: 'northgate' },
    },
  }
}

export function tally(lines: Line[]): Schemas['Tally'] {
  const amounts: Record<string, string> = {}
  for (const line of lines) amounts[line.currency] = add(amounts[line.currency] ?? '0.00', line.total)
  return { count: lines.length, amounts }
}
