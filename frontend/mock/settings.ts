/** Session, mapping, reference lists, connections, rules, tokens, logs, dashboard. */

import { http, HttpResponse } from 'msw'
import type { components } from '../src/api/schema.gen.ts'
import { problem } from './problem.ts'
import { months, tally, type World } from './world.ts'

type Schemas = components['schemas']

export const ME: Schemas['Me'] = {
  id: 'person-1',
  email: 'dana@northgate.example',
  name: 'Dana Reyes',
  roles: [],
  partner: { id: 'partner-1', name: 'Northgate IT' },
}

const page = (items: unknown[]) => HttpResponse.json({ items, next_cursor: null })

export function sessionHandlers(world: World) {
  return [
    http.get('*/api/v1/me', () =>
      world.isSignedIn
        ? HttpResponse.json({ ...ME, roles: world.roles })
        : problem(401, 'not_signed_in', 'Nobody is signed in.', 'Sign in.'),
    ),
    http.post('*/api/v1/session', async ({ request }) => {
      const { password } = (await request.json()) as Schemas['SignIn']
      if (password === 'wrong') {
        return problem(
          401,
          'wrong_credentials',
          'E-mail and password do not match.',
          'Check both and try again.',
        )
      }
      world.isSignedIn = true
      return HttpResponse.json(
        { ...ME, roles: world.roles },
        { headers: { 'set-cookie': 'tieout_csrf=mock; Path=/' } },
      )
    }),
    http.delete('*/api/v1/session', () => {
      world.isSignedIn = false
      return new HttpResponse(null, { status: 204 })
    }),
  ]
}

export function mappingHandlers(world: World) {
  const held = (test: (line: Schemas['LineItem']) => boolean) =>
    [...world.lines.values()].flat().filter((line) => line.status === 'held' && test(line)).length
  const map = (organization: Schemas['OrganizationItem'], company: Schemas['Reference'] | null) => {
    Object.assign(organization, {
      company,
      state: company ? 'mapped' : 'unmapped',
      version: organization.version + 1,
    })
  }
  return [
    http.get('*/api/v1/organizations', () =>
      page(
        world.organizations.map((item) => ({
          ...item,
          lines_held: held((line) => line.organization_id === item.id),
        })),
      ),
    ),
    http.patch('*/api/v1/organizations/:id', async ({ params, request }) => {
      const body = (await request.json()) as Schemas['OrganizationChange']
      const organization = world.organizations.find(({ id }) => id === params.id)
      if (!organization)
        return problem(404, 'organization_not_found', 'There is no such organization.', 'Sync first.')
      if (body.state === 'excluded')
        Object.assign(organization, { state: 'excluded', version: organization.version + 1 })
      if (body.state === 'approved') map(organization, organization.company)
      if (body.company_id !== undefined)
        map(
          organization,
          body.company_id
            ? { id: body.company_id, name: `Company ${body.company_id}`, identifier: null }
            : null,
        )
      return HttpResponse.json(organization)
    }),
    http.post('*/api/v1/organizations/accept-suggestions', async ({ request }) => {
      const { ids } = (await request.json()) as Schemas['SuggestionsToAccept']
      for (const organization of world.organizations) {
        const { suggestion } = organization
        if (ids.includes(organization.id) && suggestion)
          map(organization, { id: suggestion.company_id, name: suggestion.company, identifier: null })
      }
      return HttpResponse.json({ accepted: ids.length })
    }),
    http.get('*/api/v1/products', () =>
      page(
        world.products.map((item) => ({
          ...item,
          lines_held: held(
            (line) => line.offer_id === item.id && line.hold_reasons.includes('product_unmapped'),
          ),
        })),
      ),
    ),
    http.patch('*/api/v1/products/:id', async ({ params, request }) => {
      const body = (await request.json()) as Schemas['ProductChange']
      const product = world.products.find(({ id }) => id === params.id)
      if (!product)
        return problem(404, 'product_not_found', 'There is no such offer.', 'Load invoices first.')
      const id = body.product_id
      Object.assign(product, {
        product: id ? { id, name: `Item ${id}`, identifier: id } : null,
        state: id ? 'mapped' : 'unmapped',
        version: product.version + 1,
      })
      return HttpResponse.json(product)
    }),
    http.post('*/api/v1/products/accept-suggestions', async ({ request }) => {
      const { ids } = (await request.json()) as Schemas['SuggestionsToAccept']
      for (const product of world.products) {
        const { suggestion } = product
        if (ids.includes(product.id) && suggestion)
          Object.assign(product, {
            product: { id: suggestion.product_id, name: suggestion.product, identifier: null },
            state: 'mapped',
          })
      }
      return HttpResponse.json({ accepted: ids.length })
    }),
    http.get('*/api/v1/companies', ({ request }) => {
      const search = new URL(request.url).searchParams.get('search')?.toLowerCase() ?? ''
      const companies = world.organizations.map(({ name }, index) => ({
        id: `co-${index}`,
        name: `${name} Ltd`,
        identifier: `C${index}`,
      }))
      return page(companies.filter(({ name }) => name.toLowerCase().includes(search)))
    }),
    http.get('*/api/v1/catalog-items', () =>
      page(
        world.products.map(({ name }, index) => ({
          id: `cat-${index}`,
          name,
          identifier: `CSP-${100 + index}`,
        })),
      ),
    ),
    http.get('*/api/v1/agreements', () =>
      page(
        ['Cloud Services', 'Managed Services'].map((name, index) => ({
          id: `agr-${index}`,
          name,
          company_id: 'co',
          type: 'Cloud',
          status: 'Active',
          currency: 'EUR',
          billing_cycle: 'Monthly',
        })),
      ),
    ),
    http.get('*/api/v1/agreement-types', () => page([{ id: '1', name: 'Cloud' }])),
  ]
}

function changeTrait(world: World, name: string, change: Partial<Schemas['TraitOut']>) {
  Object.assign(world.traits.find((trait) => trait.name === name) ?? {}, change)
  return HttpResponse.json(world.traits)
}

export function settingsHandlers(world: World) {
  return [
    http.get('*/api/v1/connections/:system', ({ params }) =>
      HttpResponse.json(world.connections[params.system as Schemas['ConnectedSystem']]),
    ),
    http.put('*/api/v1/connections/:system', async ({ params, request }) => {
      const body = (await request.json()) as Schemas['ConnectionIn']
      const connection = world.connections[params.system as Schemas['ConnectedSystem']]
      Object.assign(connection, {
        address: body.address,
        settings: body.settings,
        status: 'untested',
        tested_at: null,
      })
      return HttpResponse.json(connection)
    }),
    http.post('*/api/v1/connections/:system/test', ({ params }) => {
      const connection = world.connections[params.system as Schemas['ConnectedSystem']]
      Object.assign(connection, { status: 'ok', tested_at: new Date().toISOString() })
      const checks = [
        { name: 'Sign-in', ok: true, detail: 'The key is accepted.' },
        { name: 'Read agreements', ok: true, detail: '' },
        {
          name: 'Write additions',
          ok: params.system === 'appxite',
          detail: 'The role lacks Finance, Agreements, Add.',
        },
      ]
      return HttpResponse.json({
        ok: false,
        checks: params.system === 'appxite' ? checks.slice(0, 1) : checks,
      })
    }),
    http.get('*/api/v1/connections/:system/traits', ({ params }) =>
      HttpResponse.json(params.system === 'connectwise' ? world.traits : []),
    ),
    http.put('*/api/v1/connections/:system/traits/:trait', async ({ params, request }) => {
      const { value } = (await request.json()) as Schemas['TraitIn']
      return changeTrait(world, String(params.trait), { value, origin: 'fixed' })
    }),
    http.delete('*/api/v1/connections/:system/traits/:trait', ({ params }) =>
      changeTrait(world, String(params.trait), { value: 8, origin: 'guessed', learned: null }),
    ),
    http.get('*/api/v1/billing-rules', () => HttpResponse.json(world.rules)),
    http.get('*/api/v1/billing-rules/description', ({ request }) => {
      const template = new URL(request.url).searchParams.get('template') ?? ''
      const [line] = [...world.lines.values()].flat()
      if (!line) return HttpResponse.json({ samples: [] })
      const values = { subscription: line.subscription, charge_type: line.charge_type, offer: line.offer }
      const description = template.replace(
        /\{(\w+)\}/g,
        (_, name: string) => values[name as keyof typeof values] ?? '',
      )
      const sample = { line_id: line.id, organization: line.organization, charge_type: line.charge_type }
      return HttpResponse.json({ samples: [{ ...sample, description, values }] })
    }),
    http.get('*/api/v1/billing-rules/first-period-effect', ({ request }) => {
      const first = new URL(request.url).searchParams.get('first_period')
      const before = [...world.lines]
        .filter(([period]) => first && period < first)
        .flatMap(([, lines]) => lines)
      return HttpResponse.json({
        first_period: first,
        becomes_billed_before: tally(before.filter(({ status }) => status !== 'sent')),
        becomes_sendable: tally(before.filter(({ status }) => status === 'billed_before')),
        stays_sent: tally(before.filter(({ status }) => status === 'sent')),
      })
    }),
    http.put('*/api/v1/billing-rules', async ({ request }) => {
      const { rules } = (await request.json()) as Schemas['RulesChange']
      Object.assign(world.rules, {
        rules,
        version: world.rules.version + 1,
        saved_at: new Date().toISOString(),
      })
      return HttpResponse.json(world.rules)
    }),
    http.get('*/api/v1/tokens', () => page(world.tokens)),
    http.post('*/api/v1/tokens', async ({ request }) => {
      const { name, scopes } = (await request.json()) as Schemas['NewToken']
      const token = {
        id: `token-${world.tokens.length}`,
        name,
        scopes,
        created_by: ME.name,
        expires_at: null,
        created_at: new Date().toISOString(),
        last_used_at: null,
      }
      world.tokens.push(token)
      return HttpResponse.json({ ...token, token: 'tio_mock_0123456789' }, { status: 201 })
    }),
    http.delete('*/api/v1/tokens/:id', ({ params }) => {
      world.tokens = world.tokens.filter(({ id }) => id !== params.id)
      return new HttpResponse(null, { status: 204 })
    }),
    http.get('*/api/v1/system-logs/summary', () => {
      const count = (level: string) => world.logs.filter((entry) => entry.level === level).length
      return HttpResponse.json({
        total: world.logs.length,
        errors: count('ERROR'),
        warnings: count('WARNING'),
        last_update: world.logs[0]?.occurred_at ?? null,
      })
    }),
    http.get('*/api/v1/system-logs/undelivered', () => page(world.undelivered)),
    http.post('*/api/v1/system-logs/undelivered/retry', async ({ request }) => {
      const { deliveries } = (await request.json()) as Schemas['RetryRequest']
      const before = world.undelivered.length
      world.undelivered = world.undelivered.filter(
        (each) => deliveries && !deliveries.some(({ event_id }) => event_id === each.event_id),
      )
      return HttpResponse.json({ retried: before - world.undelivered.length })
    }),
    http.get('*/api/v1/system-logs', ({ request }) => {
      const query = new URL(request.url).searchParams
      const search = query.get('search')?.toLowerCase() ?? ''
      return page(
        world.logs.filter(
          (entry) =>
            (!query.get('level') || entry.level === query.get('level')) &&
            `${entry.title} ${entry.details}`.toLowerCase().includes(search),
        ),
      )
    }),
    http.get('*/api/v1/periods', () => page(periodsOf(world))),
    http.put('*/api/v1/periods/:period/completeness', async ({ params, request }) => {
      const { is_complete } = (await request.json()) as Schemas['CompletenessIn']
      const name = String(params.period)
      if (is_complete) world.completeMonths.add(name)
      else world.completeMonths.delete(name)
      return HttpResponse.json(periodsOf(world).find(({ period }) => period === name))
    }),
    http.get('*/api/v1/dashboard', () =>
      HttpResponse.json({
        connections: Object.values(world.connections),
        last_load: world.runs.find(({ kind }) => kind === 'load') ?? null,
        last_push: world.runs.find(({ kind }) => kind === 'push') ?? null,
        periods: periodsOf(world),
        last_mirror: null,
        mirrors: (['organization', 'offer', 'company', 'catalog_item', 'agreement'] as const).map((kind) => ({
          kind,
          records: world.organizations.length,
          unreadable: 0,
          refreshed_at: new Date(Date.now() - 45 * 60_000).toISOString(),
        })),
      }),
    ),
  ]
}

function periodsOf(world: World): Schemas['PeriodOut'][] {
  const [current, previous] = months()
  return [current, previous].map((period) => {
    const lines = world.lines.get(period) ?? []
    return {
      period,
      lines: lines.length,
      invoices: new Set(lines.map(({ invoice_id }) => invoice_id)).size,
      loaded_at: lines.length ? new Date(Date.now() - 43 * 60_000).toISOString() : null,
      quarantined: lines.length ? 1 : 0,
      loadable: true,
      is_complete: world.completeMonths.has(period),
    }
  })
}
