/** What each connection asks for. Settings are shown again, secrets never. */

import type { ConnectedSystem } from '@/api/connections'

interface Field {
  name: string
  label: string
  hint?: string
}

export interface SystemForm {
  title: string
  addressLabel: string
  addressHint: string
  profiles?: { value: string; label: string }[]
  settings: Field[]
  secrets: Field[]
  help: string
}

export const SYSTEMS: Record<ConnectedSystem, SystemForm> = {
  appxite: {
    title: 'AppXite',
    addressLabel: 'Portal URL',
    addressHint: 'The address of the reporting API',
    profiles: [
      { value: 'reporting-current', label: 'Reporting API, current' },
      { value: 'reporting-legacy', label: 'Reporting API, legacy' },
    ],
    settings: [{ name: 'seller_id', label: 'Seller ID' }],
    secrets: [{ name: 'key', label: 'API access key' }],
    help: 'The access key is made in AppXite under Settings, Integrations.',
  },
  connectwise: {
    title: 'ConnectWise PSA',
    addressLabel: 'Site URL',
    addressHint: 'For example https://na.myconnectwise.net',
    settings: [{ name: 'company_id', label: 'Company ID', hint: 'As typed on the ConnectWise sign-in page' }],
    secrets: [
      { name: 'public_key', label: 'API public key' },
      { name: 'private_key', label: 'API private key' },
      { name: 'client_id', label: 'Client ID' },
    ],
    help: 'Keys are made in ConnectWise under System, Members, API Members, API Keys. Use a member of its own.',
  },
}

export const STATUS_WORDS: Record<string, { label: string; tone: 'ready' | 'failed' | 'held' | 'quiet' }> = {
  ok: { label: 'Connected', tone: 'ready' },
  failing: { label: 'Failing', tone: 'failed' },
  untested: { label: 'Not tested', tone: 'held' },
  missing: { label: 'Not connected', tone: 'quiet' },
}
