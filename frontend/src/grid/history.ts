/** What a person did, to be taken back and done again, newest first. */

const MOST = 100

export class History<Step> {
  #done: Step[] = []
  #undone: Step[] = []

  get canUndo(): boolean {
    return this.#done.length > 0
  }

  get canRedo(): boolean {
    return this.#undone.length > 0
  }

  /** Something new: what was taken back before cannot be done again. */
  add(step: Step): void {
    this.#done = [...this.#done.slice(1 - MOST), step]
    this.#undone = []
  }

  /** The newest step, to be taken back; it moves to the steps that can be done again. */
  undo(): Step | undefined {
    const step = this.#done.pop()
    if (step !== undefined) this.#undone.push(step)
    return step
  }

  redo(): Step | undefined {
    const step = this.#undone.pop()
    if (step !== undefined) this.#done.push(step)
    return step
  }
}
