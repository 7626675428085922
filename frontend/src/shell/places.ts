/** Places of the left navigation and their go-to keys: one list for the menu, the keys and the commands. */

import {
  Gauge,
  GitCompareArrows,
  History,
  ReceiptText,
  ScrollText,
  Settings2,
  type LucideIcon,
} from 'lucide-react'

export interface PlaceLink {
  label: string
  to: '/' | '/invoices' | '/runs' | '/mapping/organizations' | '/system-logs' | '/settings'
  /** Second key after g. */
  key: string
  icon: LucideIcon
  /** Paths that belong to this place besides its own. */
  covers: string[]
}

export const PLACES: PlaceLink[] = [
  { label: 'Dashboard', to: '/', key: 'd', icon: Gauge, covers: [] },
  { label: 'Invoices', to: '/invoices', key: 'i', icon: ReceiptText, covers: ['/plans', '/receipts'] },
  { label: 'Runs', to: '/runs', key: 'r', icon: History, covers: [] },
  { label: 'Mapping', to: '/mapping/organizations', key: 'm', icon: GitCompareArrows, covers: ['/mapping'] },
  { label: 'System Logs', to: '/system-logs', key: 'l', icon: ScrollText, covers: [] },
  { label: 'Settings', to: '/settings', key: 's', icon: Settings2, covers: [] },
]

export function isAt(place: PlaceLink, pathname: string): boolean {
  if (place.to === '/') return pathname === '/'
  return [place.to, ...place.covers].some((path) => pathname.startsWith(path))
}
