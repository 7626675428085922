/** Quantities and prices as people type them in the grid; kept as decimal strings, never as floats. */

import type { Parsed } from '@/grid/types'

export const NUMBER_HINT = 'Type a number such as 12 or 1250.50, with at most 6 decimals.'
export const QUANTITY_HINT =
  'A quantity is more than zero. To bill nothing, exclude the line or choose a bill option.'

const GROUPED = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/

/** `1,250.50` and `1 250.5` are numbers; `1,5` could be one and a half or a slip, so it is asked about. */
function plain(text: string): string | undefined {
  const typed = text.replace(/[\s\u00a0\u202f'’]/g, '').replace('\u2212', '-')
  const ungrouped = GROUPED.test(typed) ? typed.replaceAll(',', '') : typed
  const found = /^([+-]?)0*(\d+)(?:\.(\d{0,6}))?$/.exec(ungrouped)
  if (!found) return undefined
  const [, sign, whole, decimals] = found
  return `${sign === '-' ? '-' : ''}${whole}${decimals ? `.${decimals}` : ''}`
}

export function readPrice(text: string): Parsed {
  const value = plain(text)
  return value === undefined ? { refusal: NUMBER_HINT } : { value }
}

export function readQuantity(text: string): Parsed {
  const value = plain(text)
  if (value === undefined) return { refusal: NUMBER_HINT }
  if (value.startsWith('-') || !/[1-9]/.test(value)) return { refusal: QUANTITY_HINT }
  return { value: value.includes('.') ? value.replace(/\.?0+$/, '') : value }
}
