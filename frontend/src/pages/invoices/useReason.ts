/** Asks a person why, where a change of many lines needs a reason. */

import { useCallback, useState } from 'react'

export interface ReasonQuestion {
  lines: number
  /** No reason: nothing is changed. */
  answer(reason: string | undefined): void
}

export function useReason() {
  const [question, setQuestion] = useState<ReasonQuestion>()
  const askReason = useCallback(
    (lines: number) =>
      new Promise<string | undefined>((resolve) => {
        setQuestion({
          lines,
          answer: (reason) => {
            setQuestion(undefined)
            resolve(reason)
          },
        })
      }),
    [],
  )
  return { question, askReason }
}
