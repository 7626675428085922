/** What is mirrored of both systems, and how fresh it is. */

import type { Dashboard } from '@/api/dashboard'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import table from '@/ui/table.module.css'
import { When } from '@/ui/When'
import { MIRRORED } from '@/words/runs'
import classes from './dashboard.module.css'

export function Mirrors({ mirrors }: { mirrors: Dashboard['mirrors'] }) {
  const t = useT()
  if (mirrors.length === 0) return null
  const order = Object.keys(MIRRORED)
  const sorted = [...mirrors].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  return (
    <Card title={t('Mirrored records')}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('What')}</th>
            <th scope="col" className={table.end}>
              {t('Records')}
            </th>
            <th scope="col" className={table.end}>
              {t('Could not be read')}
            </th>
            <th scope="col" className={table.end}>
              {t('Read')}
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((mirror) => (
            <tr key={mirror.kind}>
              <td>{t(MIRRORED[mirror.kind] ?? mirror.kind)}</td>
              <td className={table.end}>{formatCount(mirror.records)}</td>
              <td className={table.end}>
                <span className={mirror.unreadable ? classes.trouble : table.soft}>
                  {formatCount(mirror.unreadable)}
                </span>
              </td>
              <td className={`${table.end} ${table.soft}`}>
                <When at={mirror.refreshed_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
