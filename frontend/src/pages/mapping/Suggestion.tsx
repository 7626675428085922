/** A likely match with its score and the reason. It never applies itself. */

import { Button } from '@mantine/core'
import { Sparkles } from 'lucide-react'
import { useT } from '@/i18n'
import classes from './mapping.module.css'

interface Props {
  name: string
  /** Of 100. */
  score: number
  reason: string
  isAccepting: boolean
  onAccept(): void
}

export function Suggestion({ name, score, reason, isAccepting, onAccept }: Props) {
  const t = useT()
  return (
    <div className={classes.suggestion} data-testid="suggestion">
      <Sparkles size={14} aria-hidden className={classes.spark} />
      <span className={classes.suggestionText}>
        <span className={classes.suggestionName}>{name}</span>
        <span className={classes.soft}>{t('{score}% likely: {reason}', { score: score, reason })}</span>
      </span>
      <Button
        size="compact-xs"
        variant="light"
        onClick={onAccept}
        loading={isAccepting}
        data-testid="accept-suggestion"
      >
        {t('Accept')}
      </Button>
    </div>
  )
}
