/** Ctrl-K: every place by name. */

import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useT } from '@/i18n'
import { PLACES } from './places'

export default function Commands() {
  const t = useT()
  const navigate = useNavigate()
  const settings = ['connections', 'rules', 'tokens', 'dictionary'] as const
  const actions: SpotlightActionData[] = [
    ...PLACES.map((place) => ({
      id: place.to,
      label: t(place.label),
      description: t('Go to {place}', { place: place.label }),
      leftSection: <place.icon size={17} aria-hidden />,
      onClick: () => void navigate({ to: place.to }),
    })),
    {
      id: 'products',
      label: t('Mapping: products'),
      onClick: () => void navigate({ to: '/mapping/products' }),
    },
    {
      id: 'held',
      label: t('Held lines'),
      onClick: () => void navigate({ to: '/invoices', search: { status: 'held' } }),
    },
    ...settings.map((tab) => ({
      id: `settings-${tab}`,
      label: t('Settings: {tab}', { tab }),
      onClick: () => void navigate({ to: '/settings/$tab', params: { tab } }),
    })),
  ]
  return (
    <Spotlight
      actions={actions}
      nothingFound={t('Nothing by that name')}
      highlightQuery
      searchProps={{
        leftSection: <Search size={17} aria-hidden />,
        placeholder: t('Go to…'),
        'aria-label': t('Go to'),
      }}
    />
  )
}
