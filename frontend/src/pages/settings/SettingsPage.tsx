/** Settings: connections, rules, tokens, dictionary. The tab is in the URL. */

import { Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useT } from '@/i18n'
import { Page } from '@/ui/Page'
import { BillingRulesTab } from './BillingRulesTab'
import { ConnectionsTab } from './ConnectionsTab'
import { DictionaryTab } from './DictionaryTab'
import { TokensTab } from './TokensTab'

const route = getRouteApi('/signed-in/settings/$tab')

const TABS = [
  {
    value: 'connections',
    label: 'Connections',
    standing: 'Both systems, and whether Tieout has every right it needs.',
  },
  {
    value: 'rules',
    label: 'Billing rules',
    standing: 'How an invoice line becomes an addition. Changes concern lines loaded from now on.',
  },
  { value: 'tokens', label: 'API tokens', standing: 'For programs. A token is shown once, when it is made.' },
  { value: 'dictionary', label: 'Dictionary', standing: 'What each system calls the same thing.' },
] as const

export function SettingsPage() {
  const t = useT()
  const { tab } = route.useParams()
  const navigate = route.useNavigate()
  const current = TABS.find(({ value }) => value === tab) ?? TABS[0]
  return (
    <Page title={t('Settings')} standing={t(current.standing)}>
      <Tabs
        value={current.value}
        onChange={(value) => void navigate({ to: '/settings/$tab', params: { tab: value ?? 'connections' } })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value} data-testid={`settings-${value}`}>
              {t(label)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="connections">
          <ConnectionsTab />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <BillingRulesTab />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <TokensTab />
        </Tabs.Panel>
        <Tabs.Panel value="dictionary">
          <DictionaryTab />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
