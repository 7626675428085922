/**
 * Writes, each with the Idempotency-Key of the intention behind it.
 *
 * An intention begins when a person asks for something and ends when the server has answered. Until then
 * asking for the same again is the same intention: a second click joins the request that is under way, and a
 * try after a lost connection sends the same key, so that the server does the thing once and repeats its answer.
 */

import { useMutation, type UseMutationOptions } from '@tanstack/react-query'
import { useState } from 'react'
import { senderFor, type Sender } from './client'
import { isProblem } from './problem'

interface Intention<Answer> {
  key: string
  /** The request that is under way; none after one that was lost. */
  underWay?: Promise<Answer>
}

/** A refusal is an answer: nothing was done. A lost connection or a fault of the server leaves that open. */
function isAnswer(error: unknown): boolean {
  return isProblem(error) && error.status < 500
}

type Send<Input, Answer> = (send: Sender, input: Input) => Promise<Answer>

export class Intentions<Input, Answer> {
  readonly #open = new Map<string, Intention<Answer>>()

  /** Sends `input`, or joins the request that already does. */
  carryOut(input: Input, send: Send<Input, Answer>): Promise<Answer> {
    const name = JSON.stringify(input) ?? ''
    const intention: Intention<Answer> = this.#open.get(name) ?? { key: crypto.randomUUID() }
    this.#open.set(name, intention)
    intention.underWay ??= send(senderFor(intention.key), input).then(
      (answer) => {
        this.#open.delete(name)
        return answer
      },
      (error: unknown) => {
        if (isAnswer(error)) this.#open.delete(name)
        else intention.underWay = undefined
        throw error
      },
    )
    return intention.underWay
  }
}

type Then<Input, Answer> = Pick<
  UseMutationOptions<Answer, Error, Input>,
  'onSuccess' | 'onError' | 'onSettled'
>

interface Options<Input, Answer> extends Then<Input, Answer> {
  send: Send<Input, Answer>
}

/** A mutation whose requests carry the key of their intention. Intentions live as long as the component. */
export function useIntention<Input = void, Answer = unknown>({ send, ...then }: Options<Input, Answer>) {
  const [intentions] = useState(() => new Intentions<Input, Answer>())
  return useMutation({ ...then, mutationFn: (input: Input) => intentions.carryOut(input, send) })
}
