/** Names a new view. */

import { Button, Checkbox, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useCreateView, type ViewContent } from '@/api/line-views'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { tellProblem } from '@/ui/notice'

interface Props {
  content: ViewContent
  onSaved(id: string): void
  onClose(): void
}

export function SaveView({ content, onSaved, onClose }: Props) {
  const t = useT()
  const create = useCreateView()
  const [name, setName] = useState('')
  const [isDefault, setDefault] = useState(false)
  const save = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(
      { name, content, is_default: isDefault },
      {
        onSuccess: ({ id }) => {
          onSaved(id)
          onClose()
        },
        onError: tellProblem,
      },
    )
  }
  return (
    <Dialog title={t('Save a view')} onClose={onClose}>
      <form onSubmit={save}>
        <Stack>
          <p>{t('It keeps the filters, the order, the columns and the grouping, and follows the month.')}</p>
          <TextInput
            label={t('Name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={100}
            required
            data-autofocus
            data-testid="view-name"
          />
          <Checkbox
            label={t('Begin with this view')}
            checked={isDefault}
            onChange={(event) => setDefault(event.currentTarget.checked)}
          />
          <Button type="submit" loading={create.isPending} disabled={!name.trim()} data-testid="keep-view">
            {t('Save view')}
          </Button>
        </Stack>
      </form>
    </Dialog>
  )
}
