/** The billing rules as a form made from what the API offers, so that a new rule needs no new screen. */

import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { billingRulesQuery, useSaveRules, type BillingRules } from '@/api/billing-rules'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import { ErrorState, LoadingRows } from '@/ui/states'
import { When } from '@/ui/When'
import { RuleFields, type JsonObject } from './RuleFields'
import classes from './settings.module.css'

export function BillingRulesTab() {
  const query = useQuery(billingRulesQuery)
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <LoadingRows />
  return <RulesForm key={query.data.version} saved={query.data} />
}

function RulesForm({ saved }: { saved: BillingRules }) {
  const t = useT()
  const save = useSaveRules()
  const [rules, setRules] = useState(saved.rules as JsonObject)
  const isChanged = JSON.stringify(rules) !== JSON.stringify(saved.rules)
  const submit = () =>
    save.mutate(
      { version: saved.version, rules },
      {
        onSuccess: ({ version }) =>
          notifications.show({
            title: t('Version {version} saved', { version }),
            message: t('It concerns lines loaded from now on.'),
          }),
      },
    )
  return (
    <Card
      title={t('Version {version}', { version: saved.version })}
      aside={
        <span className={classes.soft}>
          {saved.saved_at ? (
            <>
              {saved.saved_by} <When at={saved.saved_at} />
            </>
          ) : (
            t('As delivered')
          )}
        </span>
      }
    >
      <div className={classes.pad}>
        <RuleFields value={rules} onChange={setRules} />
        {save.error && <ErrorState error={save.error} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" disabled={!isChanged} onClick={() => setRules(saved.rules as JsonObject)}>
            {t('Undo')}
          </Button>
          <Button disabled={!isChanged} loading={save.isPending} onClick={submit} data-testid="save-rules">
            {t('Save as version {version}', { version: saved.version + 1 })}
          </Button>
        </Group>
      </div>
    </Card>
  )
}
