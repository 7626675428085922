/** The billing rules: read, edited whole, saved as the next version. */

import { Alert, Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { billingRulesQuery, useSaveRules, type RulesVersion } from '@/api/billing-rules'
import { useT } from '@/i18n'
import { tell } from '@/ui/notice'
import { Card } from '@/ui/Page'
import { ErrorState, LoadingRows } from '@/ui/states'
import { When } from '@/ui/When'
import { ChargeTypeRules } from './ChargeTypeRules'
import { DescriptionRules } from './DescriptionRules'
import { DroppingRules } from './DroppingRules'
import { GatheringRules } from './GatheringRules'
import { FirstPeriod } from './FirstPeriod'
import { GeneralRules } from './GeneralRules'
import { QuantityRule } from './QuantityRule'
import { PricingRules } from './PricingRules'
import { RecurringEndRule } from './RecurringEndRule'
import { UndecidedRules } from './UndecidedRules'
import classes from './settings.module.css'

export function BillingRulesTab() {
  const query = useQuery(billingRulesQuery)
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <LoadingRows />
  return <RulesForm key={query.data.version} saved={query.data} />
}

function RulesForm({ saved }: { saved: RulesVersion }) {
  const t = useT()
  const save = useSaveRules()
  const [rules, setRules] = useState(saved.rules)
  const [isConfirmed, setConfirmed] = useState(false)
  const isChanged = JSON.stringify(rules) !== JSON.stringify(saved.rules)
  const submit = () =>
    save.mutate(
      { version: saved.version, rules, moves_first_period_earlier: isConfirmed },
      {
        onSuccess: ({ version }) =>
          tell(t('Version {version} saved', { version }), t('It concerns lines loaded from now on.')),
      },
    )
  return (
    <Stack gap="lg">
      <Card
        title={
          saved.version ? t('Rules, version {version}', { version: saved.version }) : t('Rules, as delivered')
        }
        aside={
          saved.saved_at && (
            <span className={classes.soft}>
              {t('saved by {name}', { name: saved.saved_by ?? '' })} <When at={saved.saved_at} />
            </span>
          )
        }
      >
        <div className={classes.pad}>
          <GeneralRules rules={rules} onChange={setRules} />
        </div>
      </Card>
      <Card title={t('Descriptions')}>
        <div className={classes.pad}>
          <DescriptionRules rules={rules} onChange={setRules} />
        </div>
      </Card>
      <Card title={t('Exact quantities')}>
        <div className={classes.pad}>
          <QuantityRule rules={rules} onChange={setRules} />
        </div>
      </Card>
      <Card title={t('What a charge type does differently')}>
        <ChargeTypeRules rules={rules} onChange={setRules} />
      </Card>
      <Card title={t('First period we bill')}>
        <div className={classes.pad}>
          <FirstPeriod
            saved={saved.rules.first_period ?? null}
            rules={rules}
            onChange={setRules}
            isConfirmed={isConfirmed}
            onConfirm={setConfirmed}
          />
        </div>
      </Card>
      <Card title={t('Pricing')}>
        <div className={classes.pad}>
          <PricingRules rules={rules} onChange={setRules} error={save.error} />
        </div>
      </Card>
      <Card title={t('Additions that bill without a charge')}>
        <div className={classes.pad}>
          <Stack gap="lg">
            <RecurringEndRule rules={rules} onChange={setRules} />
            <UndecidedRules rules={rules} onChange={setRules} />
          </Stack>
        </div>
      </Card>
      <Card title={t('Lines that are not passed on')}>
        <div className={classes.pad}>
          <DroppingRules rules={rules} onChange={setRules} />
        </div>
      </Card>
      <Card title={t('Lines that go out together')}>
        <div className={classes.pad}>
          <GatheringRules rules={rules} onChange={setRules} />
        </div>
      </Card>
      {(saved.warnings ?? []).map((warning) => (
        <Alert key={warning} color="yellow" data-testid="rules-warning">
          {warning}
        </Alert>
      ))}
      {save.error && <ErrorState error={save.error} />}
      <Group justify="flex-end">
        <Button variant="default" disabled={!isChanged} onClick={() => setRules(saved.rules)}>
          {t('Undo')}
        </Button>
        <Button disabled={!isChanged} loading={save.isPending} onClick={submit} data-testid="save-rules">
          {t('Save as version {version}', { version: saved.version + 1 })}
        </Button>
      </Group>
    </Stack>
  )
}
