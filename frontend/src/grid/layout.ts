/** A person's columns: which are shown, in what order, how wide, which stay in view, and how dense rows are. Pure. */

import type { GridColumn } from './types'

export type Density = 'comfortable' | 'compact'

export interface ColumnLayout {
  visibility: Record<string, boolean>
  sizing: Record<string, number>
  /** All columns, or those that come first. */
  order: string[]
  /** Columns that stay in view at the start, in their order. */
  pinned: string[]
  density: Density
}

export const MIN_WIDTH = 48
const STEP = 16

/** The columns that come first unless a person moves them, with their widths. */
export type Usual = readonly (readonly [id: string, width: number])[]

export function firstLayout<Row>(columns: GridColumn<Row>[], usual: Usual = []): ColumnLayout {
  const hidden = columns.filter((column) => column.isHiddenAtFirst)
  return {
    visibility: Object.fromEntries(hidden.map((column) => [column.id, false])),
    sizing: Object.fromEntries(usual),
    order: usual.map(([id]) => id),
    pinned: columns.filter((column) => column.isPinned).map(({ id }) => id),
    density: 'comfortable',
  }
}

function isRecordOf(value: unknown, type: 'boolean' | 'number'): boolean {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((item) => typeof item === type)
  )
}

const isNames = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string')

const FITS: Record<keyof ColumnLayout, (value: unknown) => boolean> = {
  visibility: (value) => isRecordOf(value, 'boolean'),
  sizing: (value) => isRecordOf(value, 'number'),
  order: isNames,
  pinned: isNames,
  density: (value) => value === 'comfortable' || value === 'compact',
}

/** A layout as it was stored, part by part; what cannot be read is as at first. */
export function readLayout(stored: unknown, first: ColumnLayout): ColumnLayout {
  const parts = Object.entries((stored ?? {}) as Record<string, unknown>).filter(([name, value]) =>
    FITS[name as keyof ColumnLayout]?.(value),
  )
  return { ...first, ...Object.fromEntries(parts) }
}

/** Every column in its order, pinned ones first, hidden ones too. */
export function orderOf<Row>(columns: GridColumn<Row>[], layout: ColumnLayout): string[] {
  const known = columns.map(({ id }) => id)
  const wished = [...layout.pinned, ...layout.order, ...known]
  return [...new Set(wished)].filter((id) => known.includes(id))
}

export const isShown = (layout: ColumnLayout, id: string) => layout.visibility[id] !== false

/** Moves a column before or after its visible neighbour; pinned columns change places among themselves. */
export function moved<Row>(columns: GridColumn<Row>[], layout: ColumnLayout, id: string, step: -1 | 1) {
  const order = orderOf(columns, layout)
  const peers = order.filter(
    (other) => isShown(layout, other) && layout.pinned.includes(other) === layout.pinned.includes(id),
  )
  const target = peers[peers.indexOf(id) + step]
  return target === undefined ? layout : movedTo(columns, layout, id, target)
}

/** Moves a column to the place of another, which makes room. Dropped among pinned columns it is pinned too. */
export function movedTo<Row>(columns: GridColumn<Row>[], layout: ColumnLayout, id: string, target: string) {
  if (id === target) return layout
  const order = orderOf(columns, layout)
  const isAfter = order.indexOf(id) < order.indexOf(target)
  const rest = order.filter((other) => other !== id)
  rest.splice(rest.indexOf(target) + (isAfter ? 1 : 0), 0, id)
  const isPinned = layout.pinned.includes(target)
  const pinned = rest.filter((other) => (other === id ? isPinned : layout.pinned.includes(other)))
  return { ...layout, order: rest, pinned }
}

export function withPin(layout: ColumnLayout, id: string, isPinned: boolean): ColumnLayout {
  const others = layout.pinned.filter((other) => other !== id)
  return { ...layout, pinned: isPinned ? [...others, id] : others }
}

export function withVisibility(layout: ColumnLayout, id: string, isVisible: boolean): ColumnLayout {
  return { ...layout, visibility: { ...layout.visibility, [id]: isVisible } }
}

export function resized(layout: ColumnLayout, id: string, width: number, step: -1 | 1): ColumnLayout {
  return { ...layout, sizing: { ...layout.sizing, [id]: Math.max(MIN_WIDTH, width + step * STEP) } }
}
