/** The left navigation: places, what is under way, who is signed in. */

import { Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useRouterState } from '@tanstack/react-router'
import { Keyboard } from 'lucide-react'
import type { LiveState } from '@/api/live'
import { meQuery } from '@/api/session'
import { useT } from '@/i18n'
import { ActiveRuns } from './ActiveRuns'
import { Mark } from './Mark'
import { isAt, PLACES } from './places'
import classes from './shell.module.css'
import { UserMenu } from './UserMenu'

const LIVE_WORDS: Record<LiveState, { label: string; meaning: string }> = {
  connecting: { label: 'Connecting', meaning: 'Opening the live stream.' },
  live: { label: 'Live', meaning: 'What happens on the server shows here at once.' },
  polling: {
    label: 'Reconnecting',
    meaning: 'The live stream is interrupted; what is under way is asked for every few seconds.',
  },
}

export function Navigation({ live, onHelp }: { live: LiveState; onHelp: () => void }) {
  const t = useT()
  const { data: me } = useQuery(meQuery)
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  return (
    <aside className={classes.nav} data-print="no">
      <div className={classes.brand}>
        <Mark />
        <span className={classes.brandText}>
          <span className={classes.product}>Tieout</span>
          <span className={classes.partner} data-testid="partner-name">
            {me?.partner.name}
          </span>
        </span>
      </div>
      <nav aria-label={t('Main')} className={classes.places}>
        {PLACES.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            className={classes.place}
            data-here={isAt(place, pathname)}
            aria-current={isAt(place, pathname) ? 'page' : undefined}
            aria-label={place.label}
          >
            <place.icon size={17} strokeWidth={1.8} aria-hidden />
            <span className={classes.placeLabel}>{t(place.label)}</span>
          </Link>
        ))}
      </nav>
      <ActiveRuns />
      <div className={classes.foot}>
        <div className={classes.footRow}>
          <Tooltip label={t(LIVE_WORDS[live].meaning)} position="right">
            <span className={classes.live} data-state={live}>
              <span className={classes.liveDot} aria-hidden />
              <span className={classes.placeLabel}>{t(LIVE_WORDS[live].label)}</span>
            </span>
          </Tooltip>
          <Tooltip label={t('Keyboard shortcuts (?)')} position="right">
            <button
              type="button"
              className={classes.help}
              onClick={onHelp}
              aria-label={t('Keyboard shortcuts')}
            >
              <Keyboard size={16} aria-hidden />
            </button>
          </Tooltip>
        </div>
        {me && <UserMenu me={me} />}
      </div>
    </aside>
  )
}
