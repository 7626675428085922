/** Sign-in. A link may carry the e-mail address, never anything secret. */

import { Button, PasswordInput, TextInput } from '@mantine/core'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useSignIn } from '@/api/session'
import { useT } from '@/i18n'
import { Mark } from '@/shell/Mark'
import { ErrorState } from '@/ui/states'
import classes from './signin.module.css'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  const t = useT()
  const router = useRouter()
  const search = route.useSearch()
  const signIn = useSignIn()
  const [email, setEmail] = useState(search.email ?? '')
  const [password, setPassword] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate({ email, password }, { onSuccess: () => router.history.push(search.redirect ?? '/') })
  }
  return (
    <main className={classes.page}>
      <form className={classes.form} onSubmit={submit}>
        <Mark size={36} />
        <h1 className={classes.title}>{t('Sign in to Tieout')}</h1>
        <p className={classes.lead}>
          {t('What your marketplace sold, on the right ConnectWise agreements, to the cent.')}
        </p>
        {signIn.error && <ErrorState error={signIn.error} />}
        <TextInput
          label={t('E-mail')}
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus={!search.email}
          size="md"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          data-testid="signin-email"
        />
        <PasswordInput
          label={t('Password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus={Boolean(search.email)}
          size="md"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('Show or hide the password') }}
          data-testid="signin-password"
        />
        <Button type="submit" size="md" fullWidth loading={signIn.isPending} data-testid="signin-submit">
          {t('Sign in')}
        </Button>
      </form>
    </main>
  )
}
