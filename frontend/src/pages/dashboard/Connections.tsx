/** Health of both connections. */

import { Link } from '@tanstack/react-router'
import type { Connection } from '@/api/connections'
import { useT } from '@/i18n'
import { STATUS_WORDS, SYSTEMS } from '@/pages/settings/systems'
import { Card } from '@/ui/Page'
import { StatusBadge } from '@/ui/StatusBadge'
import { When } from '@/ui/When'
import classes from './dashboard.module.css'

export function Connections({ connections }: { connections: Connection[] }) {
  const t = useT()
  return (
    <Card
      title={t('Connections')}
      aside={
        <Link to="/settings/$tab" params={{ tab: 'connections' }}>
          {t('Settings')}
        </Link>
      }
    >
      <ul className={classes.list}>
        {connections.map((connection) => {
          const word = STATUS_WORDS[connection.status] ?? { label: connection.status, tone: 'quiet' as const }
          return (
            <li key={connection.system} className={classes.item}>
              <span>
                <strong>{SYSTEMS[connection.system].title}</strong>
                <span className={classes.second}>{connection.address || t('no address yet')}</span>
              </span>
              <span className={classes.itemEnd}>
                <StatusBadge tone={word.tone}>{t(word.label)}</StatusBadge>
                {connection.tested_at && (
                  <span className={classes.second}>
                    {t('tested')} <When at={connection.tested_at} />
                  </span>
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
