/** The questions of one cause: decided one by one in their row, or several at once from the bar above them. */

import { Button, Checkbox, VisuallyHidden } from '@mantine/core'
import { useState } from 'react'
import type { Plan } from '@/api/plans'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { MoneyList } from '@/ui/Money'
import { ErrorState } from '@/ui/states'
import table from '@/ui/table.module.css'
import { CAUSES } from '@/words/plans'
import { DecideBar } from './DecideBar'
import { KeepDialog } from './KeepDialog'
import { QuestionRow } from './QuestionRow'
import { sumOf, type CauseGroup } from './questions'
import classes from './questions.module.css'
import { useDeciding } from './useDeciding'

const FIRST = 50

interface Props {
  group: CauseGroup
  plan: Plan
  mayDecide: boolean
}

export function CauseTable({ group, plan, mayDecide }: Props) {
  const t = useT()
  const { cause, questions } = group
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [isAll, setAll] = useState(false)
  const deciding = useDeciding(plan.id, () => setSelected(new Set()))
  const chosen = questions.filter(({ id }) => selected.has(id))
  const shown = isAll ? questions : questions.slice(0, FIRST)
  const words = CAUSES[cause]
  const toggle = (id: string) =>
    setSelected((old) => {
      const next = new Set(old)
      if (!next.delete(id)) next.add(id)
      return next
    })
  return (
    <section className={classes.cause} aria-labelledby={`cause-${cause}`} data-testid={`cause-${cause}`}>
      <header className={classes.causeHead}>
        {mayDecide && (
          <Checkbox
            size="xs"
            aria-label={t('Select all: {cause}', { cause: t(words.label) })}
            checked={chosen.length === questions.length}
            indeterminate={chosen.length > 0 && chosen.length < questions.length}
            onChange={(event) =>
              setSelected(new Set(event.currentTarget.checked ? questions.map(({ id }) => id) : []))
            }
          />
        )}
        <div className={classes.causeText}>
          <h3 id={`cause-${cause}`} className={classes.causeTitle}>
            {t(words.label)} <span className={classes.soft}>{formatCount(questions.length)}</span>
          </h3>
          <p className={classes.soft}>{t(words.meaning)}</p>
        </div>
        <MoneyList amounts={sumOf(questions).amounts} isStrong isStacked />
      </header>
      {mayDecide && chosen.length > 0 && <DecideBar chosen={chosen} deciding={deciding} />}
      {deciding.error && (
        <div className={classes.error}>
          <ErrorState error={deciding.error} />
        </div>
      )}
      <div className={table.wrap}>
        <table className={`${table.table} ${classes.table}`}>
          <thead>
            <tr>
              {mayDecide && (
                <th scope="col" className={classes.tick}>
                  <VisuallyHidden>{t('Selected')}</VisuallyHidden>
                </th>
              )}
              <th scope="col" className={classes.customer}>
                {t('Customer and subscription')}
              </th>
              <th scope="col" className={classes.agreement}>
                {t('Agreement')}
              </th>
              <th scope="col" className={`${table.end} ${classes.bills}`}>
                {t('Will bill')}
              </th>
              <th scope="col">{t('Why')}</th>
              <th scope="col" className={classes.decision}>
                {t('Decision')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((question) => (
              <QuestionRow
                key={question.id}
                {...{ question, mayDecide, deciding }}
                isSelected={selected.has(question.id)}
                onToggle={() => toggle(question.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < questions.length && (
        <div className={classes.more}>
          <Button variant="default" size="xs" onClick={() => setAll(true)}>
            {t('Show all {count}', { count: formatCount(questions.length) })}
          </Button>
        </div>
      )}
      {deciding.keeping && (
        <KeepDialog
          questions={deciding.keeping}
          error={deciding.error}
          isPending={deciding.isPending}
          onClose={deciding.stopKeeping}
          onKeep={deciding.keep}
        />
      )}
    </section>
  )
}
