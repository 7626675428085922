/** Errors as the API tells them: what happened (`detail`) and what to do (`action`). */

import type { components } from './schema.gen'

export type Problem = components['schemas']['Problem']

export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly action: string
  /** The whole answer, for problems that carry more (a stale edit brings the current state). */
  readonly body: Partial<Problem> & Record<string, unknown>

  constructor(body: Partial<Problem> & Record<string, unknown>, status: number) {
    super(body.detail ?? body.title ?? `The server answered ${status}.`)
    this.name = 'ApiProblem'
    this.status = status
    this.code = body.code ?? `http_${status}`
    this.title = body.title ?? 'That did not work'
    this.detail = body.detail ?? `The server answered ${status}.`
    this.action = body.action ?? 'Try again; if it keeps happening, look into System Logs.'
    this.body = body
  }

  fieldError(field: string): string | undefined {
    return this.body.errors?.find((error) => error.field === field)?.message
  }
}

export function isProblem(error: unknown, ...codes: string[]): error is ApiProblem {
  return error instanceof ApiProblem && (codes.length === 0 || codes.includes(error.code))
}

/** Any failure as something a person can read. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  return new ApiProblem(
    {
      title: 'Tieout cannot be reached',
      code: 'unreachable',
      detail: error instanceof Error ? error.message : String(error),
      action: 'Check the connection and try again.',
    },
    0,
  )
}
