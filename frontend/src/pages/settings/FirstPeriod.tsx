/** The first month that is billed from here, and what that does to lines that are loaded, before it is saved. */

import { Checkbox, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { firstPeriodQuery } from '@/api/billing-rules'
import { periodsQuery } from '@/api/periods'
import { formatAmounts, formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { ErrorState } from '@/ui/states'
import type { RulesProps } from './GeneralRules'

interface Props extends RulesProps {
  /** As the rules in force have it. */
  saved: string | null
  isConfirmed: boolean
  onConfirm(isConfirmed: boolean): void
}

export function FirstPeriod({ saved, rules, onChange, isConfirmed, onConfirm }: Props) {
  const t = useT()
  const { data: periods = [] } = useQuery(periodsQuery)
  const chosen = rules.first_period ?? null
  const months = new Set([
    ...periods.filter(({ loaded_at }) => loaded_at).map(({ period }) => period),
    currentMonth(),
    ...(saved ? [saved] : []),
  ])
  const choose = (first_period: string | null) => {
    onConfirm(false)
    onChange({ ...rules, first_period })
  }
  return (
    <Stack gap="sm">
      <Select
        label={t('First month')}
        description={t(
          'What ConnectWise billed by hand before it is never billed again. Unlike other rules it holds at once for every line that is not sent.',
        )}
        placeholder={t('Every loaded month')}
        data={[...months].sort().map((period) => ({ value: period, label: formatPeriod(period) }))}
        value={chosen}
        onChange={choose}
        clearable
        data-testid="first-period"
      />
      {chosen !== saved && <Effect first={chosen} isConfirmed={isConfirmed} onConfirm={onConfirm} />}
    </Stack>
  )
}

/** Money and lines that change sides. Nothing that was sent is among them. */
function Effect({
  first,
  isConfirmed,
  onConfirm,
}: { first: string | null } & Pick<Props, 'isConfirmed' | 'onConfirm'>) {
  const t = useT()
  const { data: effect, error } = useQuery(firstPeriodQuery(first))
  if (error) return <ErrorState error={error} />
  if (!effect) return null
  const { becomes_billed_before: closed, becomes_sendable: freed, stays_sent: sent } = effect
  return (
    <Stack gap="xs" role="status" data-testid="first-period-effect">
      <Text size="sm">
        {closed.count > 0
          ? t(
              '{count, plural, one {# line} other {# lines}} ({amounts}) will count as billed before go-live.',
              {
                count: closed.count,
                amounts: formatAmounts(closed.amounts),
              },
            )
          : t('No line will newly count as billed before go-live.')}{' '}
        {sent.count > 0 &&
          t('{count, plural, one {# line} other {# lines}} sent already stay as they are.', {
            count: sent.count,
          })}
      </Text>
      {freed.count > 0 && (
        <Checkbox
          checked={isConfirmed}
          onChange={(event) => onConfirm(event.currentTarget.checked)}
          label={t(
            '{count, plural, one {# line} other {# lines}} ({amounts}) billed before go-live would be billed again. I know that nobody has billed them by hand.',
            { count: freed.count, amounts: formatAmounts(freed.amounts) },
          )}
          data-testid="first-period-confirm"
        />
      )}
    </Stack>
  )
}

function currentMonth(): string {
  return new Date().toISOString().slice(0, 7)
}
