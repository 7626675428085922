/**
 * Edits that are not confirmed yet, keyed by row id. They never enter the row data: a new data array would
 * rebuild every row of the grid for one keystroke, while a draft re-renders one row.
 */

import { useSyncExternalStore } from 'react'

export interface Draft {
  /** Column id → typed value. */
  values: Record<string, string>
  state: 'saving' | 'refused' | 'conflict'
  /** Why it was refused, and what to do. */
  message?: string
}

export class DraftStore {
  readonly #drafts = new Map<string, Draft>()
  readonly #listeners = new Map<string, Set<() => void>>()

  get(rowId: string): Draft | undefined {
    return this.#drafts.get(rowId)
  }

  put(rowId: string, draft: Draft): void {
    this.#drafts.set(rowId, draft)
    this.#tell(rowId)
  }

  drop(rowId: string): void {
    if (this.#drafts.delete(rowId)) this.#tell(rowId)
  }

  get size(): number {
    return this.#drafts.size
  }

  subscribe(rowId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(rowId) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(rowId, listeners)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(rowId)
    }
  }

  #tell(rowId: string): void {
    this.#listeners.get(rowId)?.forEach((listener) => listener())
  }
}

export function useDraft(drafts: DraftStore, rowId: string): Draft | undefined {
  return useSyncExternalStore(
    (listener) => drafts.subscribe(rowId, listener),
    () => drafts.get(rowId),
  )
}
