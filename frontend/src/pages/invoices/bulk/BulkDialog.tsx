/** A bulk edit from its form to the step that does it. What is under way goes on when the dialog is closed. */

import { Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import {
  editableFieldsQuery,
  isAtWork,
  useApplyBulkEdit,
  useBulkEdit,
  usePreviewBulkEdit,
  type BulkChange,
  type BulkEdit,
  type BulkScope,
} from '@/api/bulk-edits'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { ErrorState, LoadingRows } from '@/ui/states'
import classes from './bulk.module.css'
import { ChangeForm, type ScopeState } from './ChangeForm'
import { emptyDraft } from './drafts'
import { PreviewStep } from './PreviewStep'
import { isSendable, scopeOf, type ScopeKind } from './scope'
import { Working } from './Working'

interface Props extends Omit<ScopeState, 'kind'> {
  onClose(): void
  /** It is being applied: whoever follows it says when it is done. */
  onApplying(id: string): void
}

export function BulkDialog({ filter, matching, selection, onClose, onApplying }: Props) {
  const t = useT()
  const canSelect = selection !== undefined && selection.count > 1 && isSendable(selection)
  const [kind, setKind] = useState<ScopeKind>(canSelect ? 'selection' : 'filter')
  const [drafts, setDrafts] = useState([emptyDraft(1)])
  const [editId, setEditId] = useState<string>()
  const fields = useQuery(editableFieldsQuery)
  const preview = usePreviewBulkEdit()
  const { data: edit, error } = useBulkEdit(editId)
  const look = (scope: BulkScope, changes: BulkChange[]) =>
    preview.mutate({ scope, changes }, { onSuccess: ({ id }) => setEditId(id) })
  useEffect(() => {
    if (edit?.status === 'applied') onClose()
  }, [edit?.status, onClose])

  const body = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // The button of the step before is gone with it: who works by keyboard goes on here.
    if (document.activeElement === document.body) body.current?.focus()
  }, [edit?.status])

  const step = () => {
    if (fields.error) return <ErrorState error={fields.error} onRetry={() => void fields.refetch()} />
    if (editId && error) return <ErrorState error={error} />
    if (!fields.data || (editId && !edit)) return <LoadingRows rows={4} />
    if (!edit) {
      return (
        <ChangeForm
          scope={{ kind, filter, matching, selection }}
          onKind={setKind}
          drafts={drafts}
          onDrafts={setDrafts}
          fields={fields.data}
          error={preview.error}
          isPending={preview.isPending}
          onPreview={(changes) => look(scopeOf(kind, filter, selection), changes)}
          onClose={onClose}
        />
      )
    }
    return (
      <Previewed
        key={edit.id}
        edit={edit}
        onBack={() => setEditId(undefined)}
        onLook={(scope) => look(scope, edit.changes)}
        isLooking={preview.isPending}
        {...{ onClose, onApplying }}
      />
    )
  }
  return (
    <Dialog title={t('Bulk edit')} size={edit?.status === 'ready' ? 'xl' : 'lg'} onClose={onClose}>
      <div ref={body} tabIndex={-1} className={classes.dialog} data-testid="bulk-dialog">
        {step()}
      </div>
    </Dialog>
  )
}

interface PreviewedProps extends Pick<Props, 'onClose' | 'onApplying'> {
  edit: BulkEdit
  onBack(): void
  onLook(scope: BulkScope): void
  isLooking: boolean
}

function Previewed({ edit, onBack, onLook, isLooking, onClose, onApplying }: PreviewedProps) {
  const t = useT()
  const apply = useApplyBulkEdit()
  if (isAtWork(edit)) {
    return (
      <Stack gap="md">
        <Working edit={edit} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {edit.status === 'previewing' ? t('Cancel') : t('Close; it goes on')}
          </Button>
        </Group>
      </Stack>
    )
  }
  if (edit.status === 'ready' && edit.preview) {
    return (
      <PreviewStep
        {...{ edit, onBack, onClose }}
        preview={edit.preview}
        error={apply.error}
        isPending={apply.isPending}
        onApply={(reason) => apply.mutate({ id: edit.id, reason }, { onSuccess: ({ id }) => onApplying(id) })}
      />
    )
  }
  return (
    <Stack gap="md">
      <p role="alert" className={classes.error} data-testid="bulk-error">
        {edit.error}
      </p>
      {edit.status === 'stale' ? (
        <Stale {...{ edit, onLook, isLooking, onClose }} />
      ) : (
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('Close')}
          </Button>
          <Button onClick={onBack} data-testid="bulk-back">
            {t('Change something else')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

/** Lines moved after the preview: people look again, with them or without them. */
function Stale({ edit, onLook, isLooking, onClose }: Omit<PreviewedProps, 'onBack' | 'onApplying'>) {
  const t = useT()
  const since = edit.scope.unless_changed_since ?? edit.created_at
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        {t('Cancel')}
      </Button>
      <Button
        variant="default"
        loading={isLooking}
        onClick={() => onLook({ ...edit.scope, unless_changed_since: null })}
        data-testid="bulk-preview-with"
      >
        {t('Preview with them')}
      </Button>
      <Button
        loading={isLooking}
        onClick={() => onLook({ ...edit.scope, unless_changed_since: since })}
        data-testid="bulk-preview-without"
      >
        {t('Preview without them')}
      </Button>
    </Group>
  )
}
