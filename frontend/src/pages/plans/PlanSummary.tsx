/** The plan in figures: operations by kind, money, what stays behind, and what it costs in calls. */

import { Link } from '@tanstack/react-router'
import type { OperationKind, Plan } from '@/api/plans'
import { formatAmounts, formatCount } from '@/format'
import { useT } from '@/i18n'
import { MoneyList } from '@/ui/Money'
import { Tile, Tiles } from '@/ui/Page'
import { Singles } from '@/ui/Singles'
import { OPERATION_KINDS, OPERATION_ORDER } from '@/words/plans'

/** Operations that write; `none` does not. */
export function writesOf({ summary }: Plan): number {
  const { create, update, cancel, close, adopt, true_up } = summary
  return create + update + cancel + close + adopt + true_up
}

/** Shown with no operation at all, because the others are rare. */
const ALWAYS: readonly OperationKind[] = ['create', 'update', 'cancel', 'none']

export function PlanSummary({ plan }: { plan: Plan }) {
  const t = useT()
  const { summary, unsent, dropped } = plan
  return (
    <div data-testid="plan-summary">
      <Tiles>
        {OPERATION_ORDER.filter((kind) => ALWAYS.includes(kind) || summary[kind] > 0).map((kind) => (
          <Tile key={kind} label={t(OPERATION_KINDS[kind].label)}>
            <span data-testid={`plan-${kind}`}>{formatCount(summary[kind])}</span>
          </Tile>
        ))}
        <Tile
          label={t('On agreements')}
          isWide
          note={t('{calls, plural, one {# call} other {# calls}} to ConnectWise', {
            calls: plan.calls_needed,
          })}
        >
          <MoneyList amounts={plan.amounts} />
        </Tile>
        {Object.keys(plan.marked_up).length > 0 && (
          <Tile label={t('Added by price rules')} isWide note={t('Contained in what is on agreements')}>
            <span data-testid="plan-marked-up">
              <MoneyList amounts={plan.marked_up} />
            </span>
          </Tile>
        )}
        <Tile
          label={t('Stays behind')}
          isWide
          tone={unsent.count ? 'held' : undefined}
          note={
            unsent.count > 0 && (
              <>
                {formatAmounts(unsent.amounts)} ·{' '}
                <Link to="/invoices" search={{ period: plan.period, status: 'held' }}>
                  {t('why')}
                </Link>
              </>
            )
          }
        >
          <span data-testid="plan-unsent">{formatCount(unsent.count)}</span>
        </Tile>
        {dropped.count > 0 && (
          <Tile
            label={t('Dropped by rules')}
            isWide
            note={
              <>
                {formatAmounts(dropped.amounts)} ·{' '}
                <Link to="/invoices" search={{ period: plan.period, status: 'dropped' }}>
                  {t('see the lines')}
                </Link>
              </>
            }
          >
            <span data-testid="plan-dropped">{formatCount(dropped.count)}</span>
          </Tile>
        )}
      </Tiles>
      <Singles singles={plan.singles} />
    </div>
  )
}
