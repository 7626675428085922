/** What pages keep in the URL, read defensively: an odd link shows the plain page, never an error. */

import type { LogLevel } from '@/api/logs'
import type { OrganizationState } from '@/api/organizations'
import type { Run } from '@/api/runs'

type Search = Record<string, unknown>

export function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value) // the router parses `?search=42` as a number
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function oneOf<T extends string>(value: unknown, choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === value)
}

export interface SignInSearch {
  redirect?: string
  email?: string
}

export function readSignIn(search: Search): SignInSearch {
  const target = text(search.redirect)
  // Only a path of this site: a link must not send people elsewhere after sign-in.
  const isLocal = target?.startsWith('/') && !target.startsWith('//')
  return { redirect: isLocal ? target : undefined, email: text(search.email) }
}

export interface RunView {
  kind?: Run['kind']
  status?: Run['status']
}

export function readRunView(search: Search): RunView {
  return {
    kind: oneOf(search.kind, ['load', 'push', 'mirror'] as const),
    status: oneOf(search.status, ['queued', 'running', 'succeeded', 'failed'] as const),
  }
}

export interface MappingView {
  state?: OrganizationState
  search?: string
  /** One row, as linked from a held line. */
  id?: string
}

export function readMappingView(search: Search): MappingView {
  return {
    state: oneOf(search.state, ['excluded', 'unmapped', 'suggested', 'mapped'] as const),
    search: text(search.search),
    id: text(search.id),
  }
}

export interface LogView {
  level?: LogLevel
  search?: string
  run_id?: string
}

export function readLogView(search: Search): LogView {
  return {
    level: oneOf(search.level, ['INFO', 'WARNING', 'ERROR'] as const),
    search: text(search.search),
    run_id: text(search.run_id),
  }
}
