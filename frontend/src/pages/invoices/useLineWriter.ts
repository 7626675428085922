/**
 * The one place that writes edits of lines. Edits of one line queue up behind each other, so that tabbing from
 * one date to the next never collides with itself; the same change of many lines is one bulk edit.
 */

import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import { MOST_IDS } from '@/api/bulk-edits'
import { placeLines, readLinesAgain, tellOfChangedLines, useEditLine, type InvoiceLine } from '@/api/lines'
import { ApiProblem, asProblem } from '@/api/problem'
import { useChangeTogether, type Values } from '@/api/together'
import { DraftStore } from '@/grid/drafts'
import {
  hasOwn,
  ownValues,
  typedValues,
  type Outcome,
  type RefusedEdit,
  type SavedEdit,
  type WantedEdit,
} from './edits'

type Result = SavedEdit | RefusedEdit
type Progress = (done: number) => void

/** From so many lines on, a bulk edit is quicker than one request for each line. */
const TOGETHER_FROM = 25
/** As many requests as a browser has open to one server. */
const AT_A_TIME = 6
/** Answers are shown in steps: each one renders the grid. */
const PLACE_EVERY_MS = 60

const isRefused = (result: Result): result is RefusedEdit => 'problem' in result

/** Nothing after this will fare better: the server is away, at fault or has had enough. */
function isHopeless({ status }: ApiProblem): boolean {
  return status === 0 || status === 429 || status >= 500
}

export function useLineWriter(askReason: (lines: number) => Promise<string | undefined>) {
  const client = useQueryClient()
  const [drafts] = useState(() => new DraftStore())
  const [newest] = useState(() => new Map<string, InvoiceLine>())
  const [queues] = useState(() => new Map<string, Promise<unknown>>())
  const sendOne = useSendOne(newest)
  const changeTogether = useChangeTogether(askReason)
  const place = usePlacing(drafts, queues)

  const enqueue = useCallback(
    (edit: WantedEdit): Promise<Result> => {
      const before = queues.get(edit.line.id) ?? Promise.resolve()
      const next = before.then(() => sendOne(edit))
      queues.set(edit.line.id, next)
      void next.then(() => {
        if (queues.get(edit.line.id) === next) queues.delete(edit.line.id)
      })
      return next
    },
    [queues, sendOne],
  )

  const sendTogether = useCallback(
    async (edits: WantedEdit[]): Promise<Result[]> => {
      const [{ change } = { change: {} }] = edits
      const ids = edits.map(({ line }) => line.id)
      const befores = edits.map(({ line }) => ownValues(newest.get(line.id) ?? line, change))
      try {
        const { refusal } = await changeTogether(ids, change as Values)
        const lines = await readLinesAgain(client, ids)
        return edits.map(({ line }, index) => {
          const current = lines.get(line.id) ?? line
          newest.set(line.id, current)
          if (hasOwn(current, change)) return { line: current, change, before: befores[index] ?? {} }
          return { line, change, problem: new ApiProblem({ detail: refusal }, 422) }
        })
      } catch (error) {
        return edits.map(({ line }) => ({ line, change, problem: asProblem(error) }))
      }
    },
    [client, changeTogether, newest],
  )

  const write = useCallback(
    async (edits: WantedEdit[], onProgress?: Progress): Promise<Outcome> => {
      for (const { line, change } of edits) {
        const draft = drafts.get(line.id)
        const earlier = draft?.state === 'saving' ? draft.values : {}
        drafts.put(line.id, { values: { ...earlier, ...typedValues(change) }, state: 'saving' })
      }
      const results: Result[] = []
      const take = (some: Result[]) => {
        results.push(...some)
        some.forEach(place)
        onProgress?.(results.length)
      }
      const { together, single } = sortedOut(edits)
      for (const group of together) take(await sendTogether(group))
      await inTurn(single, enqueue, (result) => take([result]))
      tellOfChangedLines(client)
      return {
        saved: results.filter((result): result is SavedEdit => !isRefused(result)),
        refused: results.filter(isRefused),
      }
    },
    [client, drafts, enqueue, place, sendTogether],
  )

  return { drafts, write, newest }
}

/** One request for one line, on the newest version that is known here. */
function useSendOne(newest: Map<string, InvoiceLine>) {
  const client = useQueryClient()
  const { mutateAsync } = useEditLine()
  return useCallback(
    async ({ line, change, isStillMine }: WantedEdit): Promise<Result> => {
      const known = newest.get(line.id)
      const base = known && known.version > line.version ? known : line
      const send = (from: InvoiceLine) =>
        mutateAsync({ id: line.id, body: { version: from.version, ...change } })
      try {
        const saved = await send(base).catch((error: unknown) => {
          const current = currentOf(asProblem(error))
          if (current && isStillMine?.(current)) return send(current)
          throw error
        })
        newest.set(line.id, saved)
        return { line: saved, change, before: ownValues(base, change) }
      } catch (error) {
        const problem = asProblem(error)
        const current = currentOf(problem)
        if (!current) return { line, change, problem }
        newest.set(line.id, current)
        placeLines(client, [current])
        return { line, change, problem, current }
      }
    },
    [client, mutateAsync, newest],
  )
}

function currentOf(problem: ApiProblem): InvoiceLine | undefined {
  return problem.status === 409 ? (problem.body.current as InvoiceLine | undefined) : undefined
}

/** Shows results in the grid: saved lines in steps, refusals at once in their cells. */
function usePlacing(drafts: DraftStore, underWay: Map<string, unknown>) {
  const client = useQueryClient()
  const waiting = useRef<InvoiceLine[]>([])
  return useCallback(
    (result: Result) => {
      if (isRefused(result)) {
        const { line, change, problem, current } = result
        const state = current ? 'conflict' : 'refused'
        drafts.put(line.id, { values: typedValues(change), state, message: problem.detail })
        return
      }
      if (waiting.current.push(result.line) > 1) return
      const isFirst = drafts.size <= 1
      setTimeout(
        () => {
          const lines = waiting.current
          waiting.current = []
          placeLines(client, lines)
          // The draft of a line with a further edit under way is that edit's.
          for (const { id } of lines) if (!underWay.has(id)) drafts.drop(id)
        },
        isFirst ? 0 : PLACE_EVERY_MS,
      )
    },
    [client, drafts, underWay],
  )
}

/** Lines that get the same change go together; the others one by one. */
function sortedOut(edits: WantedEdit[]): { together: WantedEdit[][]; single: WantedEdit[] } {
  const groups = Map.groupBy(edits, ({ change }) => JSON.stringify(change))
  const together: WantedEdit[][] = []
  const single: WantedEdit[] = []
  for (const group of groups.values()) {
    if (group.length < TOGETHER_FROM) single.push(...group)
    else {
      for (let at = 0; at < group.length; at += MOST_IDS) together.push(group.slice(at, at + MOST_IDS))
    }
  }
  return { together, single }
}

/** A few at a time; after a hopeless failure the rest is not tried. */
async function inTurn(
  edits: WantedEdit[],
  send: (edit: WantedEdit) => Promise<Result>,
  take: (result: Result) => void,
): Promise<void> {
  const waiting = [...edits].reverse()
  let failure: ApiProblem | undefined
  const work = async () => {
    for (let edit = waiting.pop(); edit; edit = waiting.pop()) {
      const { line, change } = edit
      const result: Result = failure ? { line, change, problem: failure } : await send(edit)
      if (isRefused(result) && isHopeless(result.problem)) failure = result.problem
      take(result)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
}
