/** One decision about all selected questions. The button that ends them says how much less will be billed. */

import { Button } from '@mantine/core'
import { formatAmounts } from '@/format'
import { negateAmounts } from '@/exact'
import type { Question } from '@/api/plans'
import { useT } from '@/i18n'
import { sumOf } from './questions'
import classes from './questions.module.css'
import type { Deciding } from './useDeciding'

export function DecideBar({ chosen, deciding }: { chosen: Question[]; deciding: Deciding }) {
  const t = useT()
  const { amounts, unknown } = sumOf(chosen)
  const count = chosen.length
  return (
    <div
      className={classes.bar}
      role="group"
      aria-label={t('Decide about the selected')}
      data-testid="decide-bar"
    >
      <Button
        size="xs"
        loading={deciding.isPending}
        onClick={() => deciding.end(chosen)}
        data-testid="end-selected"
      >
        {t('End {count, plural, one {# addition} other {# additions}}, {amounts}', {
          count,
          amounts: formatAmounts(negateAmounts(amounts), ', '),
        })}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={deciding.isPending}
        onClick={() => deciding.askToKeep(chosen)}
        data-testid="keep-selected"
      >
        {t('Keep billing {count, plural, one {# addition} other {# additions}}…', { count })}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={deciding.isPending}
        onClick={() => deciding.later(chosen)}
        data-testid="later-selected"
      >
        {t('Decide later about {count}', { count })}
      </Button>
      {unknown > 0 && (
        <span className={classes.soft}>
          {t('What {unknown, plural, one {# of them bills} other {# of them bill}} is not known.', {
            unknown,
          })}
        </span>
      )}
    </div>
  )
}
