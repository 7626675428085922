/** What a plan opens on: additions that bill although AppXite charges nothing for them, and what becomes of each. */

import { useQuery } from '@tanstack/react-query'
import { CircleHelp } from 'lucide-react'
import { questionsQuery, type Plan, type Question } from '@/api/plans'
import { mayWork, meQuery } from '@/api/session'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import { ErrorState, LoadingRows } from '@/ui/states'
import { CauseTable } from './CauseTable'
import { canDecide, goesOn, groupByCause, isOpen, sumOf } from './questions'
import classes from './questions.module.css'

/** Questions are undecided operations, and those that somebody ended. */
export function mayAsk({ summary }: Plan): boolean {
  return summary.undecided + summary.close > 0
}

export function Questions({ plan }: { plan: Plan }) {
  const t = useT()
  const { data: me } = useQuery(meQuery)
  const query = useQuery({ ...questionsQuery(plan.id), enabled: mayAsk(plan) })
  const questions = query.data ?? []
  if (query.isError && !query.data)
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (query.isPending && plan.summary.undecided > 0) return <LoadingRows rows={4} />
  if (questions.length === 0) return null
  const isAsking = canDecide(plan)
  return (
    <section className={classes.questions} aria-labelledby="questions-title" data-testid="questions">
      <header className={classes.head}>
        <CircleHelp size={20} aria-hidden className={classes.headIcon} />
        <div>
          <h2 id="questions-title" className={classes.title}>
            {isAsking ? t('Needs your decision') : t('What was decided')}
          </h2>
          <p className={classes.lead} data-testid="questions-lead">
            <Lead questions={questions} isAsking={isAsking} />
          </p>
        </div>
      </header>
      {groupByCause(questions).map((group) => (
        <CauseTable key={group.cause} group={group} plan={plan} mayDecide={isAsking && mayWork(me)} />
      ))}
    </section>
  )
}

function Lead({ questions, isAsking }: { questions: Question[]; isAsking: boolean }) {
  const t = useT()
  const { amounts, unknown } = sumOf(questions)
  const unsure = unknown
    ? ` ${t('What {unknown, plural, one {# of them bills} other {# of them bill}} is not known.', { unknown })}`
    : ''
  return (
    <>
      <strong>
        {t(
          '{count, plural, one {# addition would bill} other {# additions would bill}} {amounts} although AppXite charges nothing for {count, plural, one {it} other {them}}.',
          { count: questions.length, amounts: formatAmounts(amounts) },
        )}
      </strong>
      {unsure} {isAsking && <Outcome questions={questions} />}
    </>
  )
}

/** What a push would leave as things are decided now. */
function Outcome({ questions }: { questions: Question[] }) {
  const t = useT()
  const open = questions.filter(isOpen).length
  const left = questions.filter(goesOn)
  const amounts = formatAmounts(sumOf(left).amounts)
  return (
    <>
      {open > 0
        ? t('{open} of {all} not decided yet.', { open, all: questions.length })
        : t('All are decided.')}{' '}
      {left.length > 0
        ? t('Pushed as it stands, {amounts} goes on being billed.', { amounts })
        : t('Pushed as it stands, none of it is billed.')}
    </>
  )
}
