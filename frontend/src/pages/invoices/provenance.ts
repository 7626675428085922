/** Why a date is what it is: the three values it could have, and which one goes out. */

import type { DateOrigin } from '@/api/lines'
import { formatDay } from '@/format'

export const PROVENANCE_BADGES = {
  source: undefined,
  system: { label: 'System Updated', tone: 'sent' },
  user: { label: 'User Updated', tone: 'accent' },
} as const

export function explainProvenance(field: DateOrigin): string {
  const lines = [`As invoiced: ${formatDay(field.source) || 'none'}`]
  if (field.system) lines.push(`By rule: ${formatDay(field.system)}`)
  if (field.user) lines.push(`Typed by a person: ${formatDay(field.user)}`)
  if (field.explanation) lines.push(field.explanation)
  return lines.join('\n')
}
