/** Making a token. Its text is shown here and nowhere again. */

import { Button, Code, CopyButton, Group, MultiSelect, NumberInput, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useCreateToken, type Scope } from '@/api/tokens'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { ErrorState } from '@/ui/states'
import classes from './settings.module.css'

const SCOPES: { value: Scope; label: string }[] = [
  { value: 'read', label: 'Read' },
  { value: 'write', label: 'Write: load, edit, plan, push' },
  { value: 'admin', label: 'Administer: connections, rules, tokens' },
]
const DAYS = 90

export function NewTokenModal({ onClose }: { onClose(): void }) {
  const t = useT()
  const create = useCreateToken()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<Scope[]>(['read'])
  const [days, setDays] = useState<number | string>(DAYS)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate({ name, scopes, expires_in_days: typeof days === 'number' ? days : undefined })
  }
  return (
    <Dialog onClose={onClose} title={create.data ? t('Copy the token now') : t('New API token')}>
      {create.data ? (
        <Stack gap="md">
          <p className={classes.lead}>
            {t('It is not shown again. Whoever has it can act with its scopes.')}
          </p>
          <Code block data-testid="token-text">
            {create.data.token}
          </Code>
          <Group justify="flex-end">
            <CopyButton value={create.data.token}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? t('Copied') : t('Copy')}
                </Button>
              )}
            </CopyButton>
            <Button onClick={onClose}>{t('Done')}</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack gap="sm">
            <TextInput
              label={t('Name')}
              description={t('What it is for, so that somebody else knows whether it may go')}
              required
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <MultiSelect
              label={t('Scopes')}
              data={SCOPES}
              value={scopes}
              onChange={(chosen) => setScopes(chosen as Scope[])}
              required
            />
            <NumberInput
              label={t('Ends after days')}
              description={t('Empty: never')}
              min={1}
              max={730}
              allowDecimal={false}
              value={days}
              onChange={setDays}
            />
            {create.error && <ErrorState error={create.error} />}
            <Button type="submit" loading={create.isPending} disabled={scopes.length === 0}>
              {t('Make token')}
            </Button>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}
