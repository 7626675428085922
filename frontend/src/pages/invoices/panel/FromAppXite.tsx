/** The line as AppXite invoiced it. */

import type { InvoiceLine } from '@/api/lines'
import { formatQuantity, formatUnitPrice } from '@/format'
import { useT } from '@/i18n'
import { chargeTypeLabel } from '@/words/lines'
import { Fact, Facts } from './Facts'

export function FromAppXite({ line }: { line: InvoiceLine }) {
  const t = useT()
  return (
    <Facts title={t('From AppXite')}>
      <Fact name={t('Organization')}>{line.organization}</Fact>
      <Fact name={t('Invoice')}>
        {line.invoice_number}, {t('row {row}', { row: line.row_id })}
      </Fact>
      <Fact name={t('Offer')}>{line.offer}</Fact>
      <Fact name={t('Charge type')}>{chargeTypeLabel(line.charge_type)}</Fact>
      <Fact name={t('Quantity × price')}>
        {formatQuantity(line.quantity)} × {formatUnitPrice(line.unit_price)}
      </Fact>
    </Facts>
  )
}
