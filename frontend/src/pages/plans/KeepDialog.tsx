/** Keeping what AppXite does not charge for: why, and until when. The reason goes into the record. */

import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import type { Question } from '@/api/plans'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { ErrorState } from '@/ui/states'
import { sumOf } from './questions'
import classes from './questions.module.css'

interface Props {
  questions: Question[]
  error: Error | null
  isPending: boolean
  onClose(): void
  onKeep(reason: string, until: string | undefined): void
}

const today = () => new Date().toISOString().slice(0, 10)

/** The one addition by its name, or how many there are. */
function useTitle(questions: Question[]): string {
  const t = useT()
  const [first] = questions
  return questions.length === 1 && first
    ? t('Keep billing {name}', { name: first.subscription || first.product || first.organization })
    : t('Keep billing {count} additions', { count: questions.length })
}

export function KeepDialog({ questions, error, isPending, onClose, onKeep }: Props) {
  const t = useT()
  const title = useTitle(questions)
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('')
  const amounts = formatAmounts(sumOf(questions).amounts)
  const keep = (event: FormEvent) => {
    event.preventDefault()
    if (reason.trim()) onKeep(reason.trim(), until || undefined)
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={keep}>
        <Stack gap="md">
          <p className={classes.dialogLead}>
            {t(
              '{count, plural, one {The customer is} other {The customers are}} billed {amounts} although AppXite charges nothing. The reason stands in the record and on receipts.',
              { count: questions.length, amounts },
            )}
          </p>
          <Textarea
            label={t('Why')}
            required
            rows={2}
            maxLength={1000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
            data-testid="keep-reason"
          />
          <TextInput
            type="date"
            label={t('Until')}
            description={t('Empty: until somebody ends it. After this day the next plan asks again.')}
            min={today()}
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
            data-testid="keep-until"
          />
          {error && <ErrorState error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('Back')}
            </Button>
            <Button type="submit" loading={isPending} disabled={!reason.trim()} data-testid="keep-confirm">
              {t('Keep billing {amounts}', { amounts })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
