/** What edits of lines ask: about a collision, about a block that was refused in part, and for a reason. */

import { Button, Group, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { Refusal } from '@/grid/block'
import { RefusalsDialog } from '@/grid/RefusalsDialog'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { LINE_COLUMNS } from './columns'
import { ConflictDialog } from './ConflictDialog'
import type { RefusedEdit } from './edits'
import type { PartlyRefused, useLineEdits } from './useLineEdits'
import type { ReasonQuestion } from './useReason'

type Edits = ReturnType<typeof useLineEdits>

export function EditDialogs({ edits }: { edits: Edits }) {
  const { conflict, settle, partly, settlePart, question } = edits
  return (
    <>
      {conflict && <ConflictDialog conflict={conflict} onSettle={settle} />}
      {partly && <PartDialog partly={partly} onSettle={settlePart} />}
      {question && <ReasonDialog question={question} />}
    </>
  )
}

function asRefusal({ line, change, problem }: RefusedEdit): Refusal {
  const fields = Object.keys(change)
  const titles = fields.map((field) => LINE_COLUMNS.find(({ id }) => id === field)?.title ?? field)
  return {
    name: `${line.organization}, ${line.subscription}`,
    column: titles.join(', '),
    text: Object.values(change)
      .map((value) => (value === null ? '' : String(value)))
      .join(', '),
    reason: problem.detail,
  }
}

function PartDialog({ partly, onSettle }: { partly: PartlyRefused; onSettle: Edits['settlePart'] }) {
  const t = useT()
  const { refused, saved } = partly
  const keep = {
    label: saved ? t('Keep the other {saved, plural, one {line} other {# lines}}', { saved }) : t('Close'),
    testId: 'part-keep',
    run: () => onSettle('keep'),
  }
  const undo = { label: t('Take the others back'), testId: 'part-undo', run: () => onSettle('undo') }
  return (
    <RefusalsDialog
      title={t('{count, plural, one {One line was} other {# lines were}} refused', { count: refused.length })}
      lead={
        saved
          ? t('{saved, plural, one {One other line is} other {# other lines are}} saved.', { saved })
          : t('Nothing was saved.')
      }
      refusals={refused.map(asRefusal)}
      actions={saved ? [keep, undo] : [keep]}
      onClose={() => onSettle('keep')}
    />
  )
}

function ReasonDialog({ question }: { question: ReasonQuestion }) {
  const t = useT()
  const [reason, setReason] = useState('')
  return (
    <Dialog
      title={t('Why do {lines} lines change?', { lines: question.lines })}
      onClose={() => question.answer(undefined)}
    >
      <Stack gap="md">
        <Textarea
          label={t('Reason')}
          data-autofocus
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => question.answer(undefined)}>
            {t('Change nothing')}
          </Button>
          <Button disabled={!reason.trim()} onClick={() => question.answer(reason.trim())}>
            {t('Change {lines} lines', { lines: question.lines })}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
