/** What a connection needs, and whether it has it. */

import { CircleCheck, CircleX } from 'lucide-react'
import type { ConnectionTest } from '@/api/connections'
import { useT } from '@/i18n'
import classes from './settings.module.css'

export function Checks({ checks }: { checks: ConnectionTest['checks'] }) {
  const t = useT()
  return (
    <ul className={classes.checks} data-testid="connection-checks">
      {checks.map(({ name, ok, detail }) => (
        <li key={name} className={classes.check} data-ok={ok}>
          {ok ? (
            <CircleCheck size={16} aria-label={t('Works')} role="img" />
          ) : (
            <CircleX size={16} aria-label={t('Missing')} role="img" />
          )}
          <span>
            {name}
            {detail && <span className={classes.checkDetail}>{detail}</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}
