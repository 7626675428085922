/** Left navigation and the page beside it; follows the live stream while somebody is signed in. */

import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useLiveStream } from '@/api/live'
import { useT } from '@/i18n'
import { Navigation } from './Navigation'
import classes from './shell.module.css'
import { useGoToKeys } from './useGoToKeys'

const ShortcutsHelp = lazy(() => import('./ShortcutsHelp'))
const Commands = lazy(() => import('./Commands'))

export function Shell() {
  const t = useT()
  const live = useLiveStream()
  const [isHelpOpen, setHelpOpen] = useState(false)
  useGoToKeys(() => setHelpOpen(true))
  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        {t('Skip to the page')}
      </a>
      <Navigation live={live} onHelp={() => setHelpOpen(true)} />
      <main id="main" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense>
        {isHelpOpen && <ShortcutsHelp onClose={() => setHelpOpen(false)} />}
        <Commands />
      </Suspense>
    </div>
  )
}
