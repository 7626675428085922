/** What each system calls the same thing. */

import { VisuallyHidden } from '@mantine/core'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import table from '@/ui/table.module.css'

const TERMS: [appxite: string, relation: string, connectwise: string, note: string][] = [
  ['Organizations', '=', 'Companies', 'One organization can belong to several companies.'],
  ['Invoice lines', '=', 'Additions', 'A line becomes one addition, and its total arrives to the cent.'],
  ['Offers', '=', 'Products', 'An offer is mapped to an item of the product catalog.'],
  ['Contracts', '≈', 'Agreements', 'About equal, not one to one.'],
  [
    'Charge start date',
    '→',
    'Effective date',
    'A person’s date beats a rule’s, a rule’s beats the invoice’s.',
  ],
  ['Charge end date', '→', 'Cancelled date', 'The last day that is billed; empty leaves the addition open.'],
]

export function DictionaryTab() {
  const t = useT()
  return (
    <Card>
      <table className={table.table} data-testid="dictionary">
        <thead>
          <tr>
            <th scope="col">{t('AppXite')}</th>
            <th scope="col">
              <VisuallyHidden>{t('Relation')}</VisuallyHidden>
            </th>
            <th scope="col">{t('ConnectWise PSA')}</th>
            <th scope="col">{t('Note')}</th>
          </tr>
        </thead>
        <tbody>
          {TERMS.map(([appxite, relation, connectwise, note]) => (
            <tr key={appxite}>
              <td className={table.name}>{t(appxite)}</td>
              <td className={table.soft}>{relation}</td>
              <td className={table.name}>{t(connectwise)}</td>
              <td className={table.soft}>{t(note)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
