/** Both dates of a line, and which of invoice, rule and person each comes from. */

import type { DateOrigin, InvoiceLine } from '@/api/lines'
import { formatDay } from '@/format'
import { useT } from '@/i18n'
import classes from '../invoices.module.css'

export function Dates({ line }: { line: InvoiceLine }) {
  const t = useT()
  const fields: [name: string, field: DateOrigin, empty: string][] = [
    [t('Charge start'), line.provenance.charge_start_date, '–'],
    [t('Charge end'), line.provenance.charge_end_date, t('open')],
  ]
  return (
    <section>
      <h3 className={classes.factsTitle}>{t('Dates and where they come from')}</h3>
      <table className={classes.dates}>
        <thead>
          <tr>
            <th scope="col">{t('Date')}</th>
            <th scope="col">{t('Invoiced')}</th>
            <th scope="col">{t('By rule')}</th>
            <th scope="col">{t('By a person')}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(([name, field, empty]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {(['source', 'system', 'user'] as const).map((origin) => (
                <td key={origin} data-used={field.provenance === origin}>
                  {formatDay(field[origin]) || (field.provenance === origin ? empty : '–')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {fields
        .filter(([, field]) => field.explanation)
        .map(([name, field]) => (
          <p key={name} className={classes.explanation}>
            {name}: {field.explanation}
          </p>
        ))}
    </section>
  )
}
