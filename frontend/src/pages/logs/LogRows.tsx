/** Log rows: level in words and colour, when, title and details. */

import { Link } from '@tanstack/react-router'
import type { LogEntry, LogLevel } from '@/api/logs'
import { useT } from '@/i18n'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { When } from '@/ui/When'
import type { Tone } from '@/words/word'
import classes from './logs.module.css'

const TONES: Record<LogLevel, Tone> = { INFO: 'quiet', WARNING: 'held', ERROR: 'failed' }

export function LogRows({ entries }: { entries: LogEntry[] }) {
  const t = useT()
  return (
    <table className={table.table} data-testid="log-rows">
      <thead>
        <tr>
          <th scope="col" className={classes.level}>
            {t('Level')}
          </th>
          <th scope="col" className={classes.time}>
            {t('Time')}
          </th>
          <th scope="col">{t('Summary')}</th>
          <th scope="col">{t('By')}</th>
          <th scope="col">{t('Run')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id} data-testid="log-row">
            <td>
              <StatusBadge tone={TONES[entry.level]}>{entry.level}</StatusBadge>
            </td>
            <td className={table.soft}>
              <When at={entry.occurred_at} isExact />
            </td>
            <td>
              <span className={table.name}>{entry.title}</span>
              {entry.details && <span className={classes.details}>{entry.details}</span>}
            </td>
            <td className={`${table.soft} ${table.nowrap}`}>{entry.actor}</td>
            <td>
              {entry.run_id && (
                <Link to="/runs/$runId" params={{ runId: entry.run_id }}>
                  {t('Open')}
                </Link>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
