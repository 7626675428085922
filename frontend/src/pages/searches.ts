/** What pages keep in the URL, read defensively: an odd link shows the plain page, never an error. */

import { z } from 'zod/mini'
import { logLevelValues, organizationStateValues, runKindValues, runStatusValues } from '@/api/schema.gen'

/** One of the server's values, from its own document: a value it gains is one that links may carry. */
export const oneOf = <T extends string>(values: readonly T[]) =>
  z.catch(z.optional(z.enum(values)), undefined)

// The router parses `?search=42` as a number.
export const text = z.catch(
  z.optional(z.pipe(z.union([z.string().check(z.minLength(1)), z.number()]), z.transform(String))),
  undefined,
)

const signInSearch = z.object({
  // Only a path of this site: a link must not send people elsewhere after sign-in.
  redirect: z.catch(z.optional(z.string().check(z.regex(/^\/(?!\/)/))), undefined),
  email: text,
})

const runView = z.object({ kind: oneOf(runKindValues), status: oneOf(runStatusValues) })

const mappingView = z.object({
  state: oneOf(organizationStateValues),
  search: text,
  /** One row, as linked from a held line. */
  id: text,
})

const logView = z.object({ level: oneOf(logLevelValues), search: text, run_id: text })

type Search = Record<string, unknown>

export type RunView = z.infer<typeof runView>
export type MappingView = z.infer<typeof mappingView>
export type LogView = z.infer<typeof logView>

export const readSignIn = (search: Search) => signInSearch.parse(search)
export const readRunView = (search: Search) => runView.parse(search)
export const readMappingView = (search: Search) => mappingView.parse(search)
export const readLogView = (search: Search) => logView.parse(search)
