/** Where the line goes, and with which values. */

import type { InvoiceLine } from '@/api/lines'
import { formatInstant, formatQuantity, formatUnitPrice } from '@/format'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { Fact, Facts } from './Facts'

export function ToConnectWise({ line }: { line: InvoiceLine }) {
  const t = useT()
  return (
    <Facts title={t('To ConnectWise')}>
      <Fact name={t('Company')}>{line.company ?? '–'}</Fact>
      <Fact name={t('Agreement')}>{line.agreement ?? '–'}</Fact>
      <Fact name={t('Product')}>{line.product ?? '–'}</Fact>
      {line.addition_quantity && line.addition_unit_price && (
        <Fact name={t('Quantity × price')}>
          {formatQuantity(line.addition_quantity)} × {formatUnitPrice(line.addition_unit_price)},{' '}
          {line.bill_option}
        </Fact>
      )}
      {line.amount !== line.total && (
        <Fact name={t('To be billed')}>
          <Money amount={line.amount} currency={line.currency} />
        </Fact>
      )}
      {line.unit_cost && <Fact name={t('Unit cost')}>{formatUnitPrice(line.unit_cost)}</Fact>}
      {line.forecast && (
        <Fact name={t('Will be billed')}>
          <Money amount={line.forecast} currency={line.currency} />
        </Fact>
      )}
      <Fact name={t('Description')}>{line.description || '–'}</Fact>
      {line.sent_at && (
        <Fact name={t('Sent')}>
          {formatInstant(line.sent_at)}, {t('addition {id}', { id: line.addition_id ?? '–' })}
        </Fact>
      )}
    </Facts>
  )
}
