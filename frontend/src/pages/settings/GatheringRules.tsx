/** Which lines go out together in one addition. */

import { Switch } from '@mantine/core'
import { useT } from '@/i18n'
import type { RulesProps } from './GeneralRules'

export function GatheringRules({ rules, onChange }: RulesProps) {
  const t = useT()
  return (
    <Switch
      label={t('Send the usage of a subscription as one addition')}
      description={t(
        'Usage rows of one month, agreement and currency are added up. Lines that were sent stay as they were sent.',
      )}
      checked={rules.collapse_usage ?? false}
      onChange={(event) => onChange({ ...rules, collapse_usage: event.currentTarget.checked })}
    />
  )
}
