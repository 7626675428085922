/** What becomes of an addition that bills although no charge stands behind it, cause by cause. */

import { Select, SimpleGrid } from '@mantine/core'
import type { UndecidedCause, UndecidedRule } from '@/api/billing-rules'
import { useT } from '@/i18n'
import { UNDECIDED_CAUSES, UNDECIDED_RULES } from '@/words/undecided'
import type { RulesProps } from './GeneralRules'

export function UndecidedRules({ rules, onChange }: RulesProps) {
  const t = useT()
  const set = (cause: UndecidedCause, rule: UndecidedRule) =>
    onChange({ ...rules, when_undecided: { ...rules.when_undecided, [cause]: rule } })
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" verticalSpacing="md">
      {Object.entries(UNDECIDED_CAUSES).map(([name, happened]) => {
        const cause = name as UndecidedCause
        return (
          <Select
            key={cause}
            label={t(happened)}
            data={Object.entries(UNDECIDED_RULES).map(([value, label]) => ({ value, label: t(label) }))}
            value={rules.when_undecided?.[cause] ?? 'ask'}
            onChange={(rule) => set(cause, rule as UndecidedRule)}
            allowDeselect={false}
          />
        )
      })}
    </SimpleGrid>
  )
}
