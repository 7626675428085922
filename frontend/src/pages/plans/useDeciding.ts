/** Deciding about questions: to end and to leave at once, to keep after a reason was given. */

import { useState } from 'react'
import { MOST_DECISIONS, useDecide, type Decision, type Question } from '@/api/plans'

export interface Deciding {
  isPending: boolean
  error: Error | null
  /** Which questions are being decided right now. */
  isBusy(question: Question): boolean
  end(questions: Question[]): void
  later(questions: Question[]): void
  /** Those for which a reason is being asked. */
  keeping: Question[] | undefined
  askToKeep(questions: Question[]): void
  stopKeeping(): void
  keep(reason: string, until: string | undefined): void
}

/** @param onDecided what follows once the server took the decisions. */
export function useDeciding(planId: string, onDecided: () => void): Deciding {
  const { mutateAsync, isPending, error, reset, variables } = useDecide(planId)
  const [keeping, setKeeping] = useState<Question[]>()
  const busy = new Set(isPending ? variables.map(({ operation_id }) => operation_id) : [])

  const decide = async (questions: Question[], decision: Omit<Decision, 'operation_id'>) => {
    for (let from = 0; from < questions.length; from += MOST_DECISIONS) {
      const part = questions.slice(from, from + MOST_DECISIONS)
      await mutateAsync(part.map(({ id }) => ({ operation_id: id, ...decision })))
    }
    setKeeping(undefined)
    onDecided()
  }
  const start = (questions: Question[], decision: Omit<Decision, 'operation_id'>) =>
    void decide(questions, decision).catch(() => undefined) // the error stands in `error`
  const openKeeping = (questions: Question[] | undefined) => {
    reset()
    setKeeping(questions)
  }

  return {
    isPending,
    error,
    isBusy: ({ id }) => busy.has(id),
    end: (questions) => start(questions, { choice: 'end', reason: '' }),
    later: (questions) => start(questions, { choice: 'later', reason: '' }),
    keeping,
    askToKeep: openKeeping,
    stopKeeping: () => openKeeping(undefined),
    keep: (reason, until) => start(keeping ?? [], { choice: 'keep', reason, until: until ?? null }),
  }
}
