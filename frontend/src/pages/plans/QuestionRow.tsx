/** One addition that bills without a charge: what it bills, why, and three choices. */

import { Button, Checkbox, Tooltip } from '@mantine/core'
import type { Question } from '@/api/plans'
import { formatDay } from '@/format'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { CHOICES, DECIDED } from '@/words/plans'
import { lastBilledDay } from './questions'
import classes from './questions.module.css'
import type { Deciding } from './useDeciding'

interface Props {
  question: Question
  mayDecide: boolean
  isSelected: boolean
  deciding: Deciding
  onToggle(): void
}

export function QuestionRow({ question, mayDecide, isSelected, deciding, onToggle }: Props) {
  const t = useT()
  const { organization, subscription, product, agreement, currency, will_bill } = question
  return (
    <tr data-testid="question-row" data-choice={question.choice ?? 'open'}>
      {mayDecide && (
        <td className={classes.tick}>
          <Checkbox
            size="xs"
            aria-label={t('Select {subscription} of {organization}', {
              subscription: subscription || product,
              organization,
            })}
            checked={isSelected}
            onChange={onToggle}
          />
        </td>
      )}
      <td>
        <span className={table.name}>{organization}</span>
        <span className={classes.second}>{subscription || product}</span>
      </td>
      <td>{agreement}</td>
      <td className={table.end}>
        {will_bill === null ? (
          <span className={classes.soft}>{t('not known')}</span>
        ) : (
          <Money amount={will_bill} currency={currency} isStrong />
        )}
      </td>
      <td className={classes.reasons}>
        {[question.explanation[0], ...question.warnings].map(
          (sentence) => sentence && <span key={sentence}>{sentence}</span>,
        )}
      </td>
      <td className={classes.decision}>
        {mayDecide && <Choices question={question} deciding={deciding} />}
        <Decided question={question} mayDecide={mayDecide} />
      </td>
    </tr>
  )
}

function Choices({ question, deciding }: { question: Question; deciding: Deciding }) {
  const t = useT()
  const name = `${question.subscription || question.product}, ${question.organization}`
  const choices = [
    { choice: 'end', act: () => deciding.end([question]) },
    { choice: 'keep', act: () => deciding.askToKeep([question]) },
    { choice: 'later', act: () => deciding.later([question]) },
  ] as const
  return (
    <div role="group" aria-label={t('What becomes of {name}', { name })} className={classes.choices}>
      {choices.map(({ choice, act }) => (
        <Tooltip key={choice} label={t(CHOICES[choice].meaning)}>
          <Button
            size="compact-xs"
            variant={question.choice === choice ? 'filled' : 'default'}
            aria-pressed={question.choice === choice}
            disabled={deciding.isPending}
            data-busy={deciding.isBusy(question)}
            onClick={act}
            data-testid={`choose-${choice}`}
          >
            {t(CHOICES[choice].label)}
          </Button>
        </Tooltip>
      ))}
    </div>
  )
}

/** What was decided, by whom and why; for an open question, what ending it would do. */
function Decided({ question, mayDecide }: { question: Question; mayDecide: boolean }) {
  const t = useT()
  const { choice, decided_by, choice_reason, keep_until } = question
  const word = choice ? DECIDED[choice] : undefined
  const day = lastBilledDay(question)
  if (!word) {
    const ending = day
      ? t('If ended, it bills through {day}', { day: formatDay(day) })
      : t('If ended, it never bills')
    return <span className={classes.second}>{mayDecide ? ending : t('Not decided: it goes on billing')}</span>
  }
  const what =
    choice === 'end'
      ? day
        ? t('Bills through {day}', { day: formatDay(day) })
        : t('Never bills')
      : choice === 'keep'
        ? keep_until
          ? t('Goes on billing until {day}', { day: formatDay(keep_until) })
          : t('Goes on billing')
        : t('Goes on billing; the next plan asks again')
  return (
    <span className={classes.decided} data-testid="decided">
      {!mayDecide && <StatusBadge tone={word.tone}>{t(word.label)}</StatusBadge>}
      <span className={classes.second}>
        {what}
        {decided_by && ` · ${decided_by}`}
        {choice_reason && `: ${choice_reason}`}
      </span>
    </span>
  )
}
