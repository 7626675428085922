/** Address, account and secrets of one upstream. A secret field is empty even when a secret is stored. */

import { Button, PasswordInput, Select, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useSaveConnection, type Connection } from '@/api/connections'
import { asProblem } from '@/api/problem'
import { useT } from '@/i18n'
import { tell } from '@/ui/notice'
import { ErrorState } from '@/ui/states'
import classes from './settings.module.css'
import { SYSTEMS } from './systems'

function asTexts(settings: Connection['settings']): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value ?? '')]))
}

function filled(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}

export function ConnectionForm({ connection }: { connection: Connection }) {
  const t = useT()
  const form = SYSTEMS[connection.system]
  const save = useSaveConnection(connection.system)
  const [address, setAddress] = useState(connection.address)
  const [profile, setProfile] = useState(connection.profile || form.profiles?.[0]?.value || '')
  const [settings, setSettings] = useState(() => asTexts(connection.settings))
  const [secrets, setSecrets] = useState<Record<string, string>>({})
  const problem = save.error && asProblem(save.error)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(
      { address, profile, settings, secrets: filled(secrets) },
      {
        onSuccess: () => {
          setSecrets({})
          tell(t('{system} saved', { system: form.title }), t('Test the connection next.'))
        },
      },
    )
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <p className={classes.lead}>{t(form.help)}</p>
        <TextInput
          label={t(form.addressLabel)}
          description={t(form.addressHint)}
          type="url"
          required
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          error={problem?.fieldError('address')}
          data-testid={`${connection.system}-address`}
        />
        {form.profiles && (
          <Select
            label={t('Profile')}
            data={form.profiles}
            value={profile}
            onChange={(value) => setProfile(value ?? '')}
            allowDeselect={false}
          />
        )}
        {form.settings.map(({ name, label, hint }) => (
          <TextInput
            key={name}
            label={t(label)}
            description={hint && t(hint)}
            value={settings[name] ?? ''}
            onChange={(event) => setSettings({ ...settings, [name]: event.currentTarget.value })}
            error={problem?.fieldError(name)}
            data-testid={`${connection.system}-${name}`}
          />
        ))}
        {form.secrets.map(({ name, label }) => (
          <PasswordInput
            key={name}
            label={t(label)}
            placeholder={connection.has_secret ? t('Stored; type to replace') : ''}
            autoComplete="new-password"
            value={secrets[name] ?? ''}
            onChange={(event) => setSecrets({ ...secrets, [name]: event.currentTarget.value })}
            error={problem?.fieldError(name)}
            visibilityToggleButtonProps={{ 'aria-label': t('Show or hide') }}
            data-testid={`${connection.system}-${name}`}
          />
        ))}
        {problem && <ErrorState error={problem} />}
        <Button type="submit" loading={save.isPending} data-testid={`save-${connection.system}`}>
          {t('Save {system}', { system: form.title })}
        </Button>
      </Stack>
    </form>
  )
}
