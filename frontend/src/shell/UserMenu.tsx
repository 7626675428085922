/** Who is signed in; looks; signing out. */

import { Menu, SegmentedControl, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown, LogOut } from 'lucide-react'
import { useSignOut, type Me } from '@/api/session'
import { useT } from '@/i18n'
import classes from './shell.module.css'

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  return ((words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase()
}

export function UserMenu({ me }: { me: Me }) {
  const t = useT()
  const navigate = useNavigate()
  const signOut = useSignOut()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const leave = () => signOut.mutate(undefined, { onSettled: () => void navigate({ to: '/sign-in' }) })
  return (
    <Menu position="right-end" width={240} shadow="md">
      <Menu.Target>
        <button type="button" className={classes.user} data-testid="user-menu">
          <span className={classes.avatar} aria-hidden>
            {initials(me.name || me.email)}
          </span>
          <span className={classes.userText}>
            <span className={classes.userName}>{me.name}</span>
            <span className={classes.partner}>{me.roles.join(', ')}</span>
          </span>
          <ChevronsUpDown size={14} aria-hidden className={classes.placeLabel} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.email}</Menu.Label>
        <div className={classes.scheme}>
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label={t('Look')}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as MantineColorScheme)}
            data={[
              { value: 'light', label: t('Light') },
              { value: 'dark', label: t('Dark') },
              { value: 'auto', label: t('System') },
            ]}
          />
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} aria-hidden />} onClick={leave} data-testid="sign-out">
          {t('Sign out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
