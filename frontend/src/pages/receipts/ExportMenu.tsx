/** A receipt as a file, with all its lists. */

import { Button, Menu } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import { receiptFile } from '@/api/receipts'
import { useT } from '@/i18n'

export function ExportMenu({ runId }: { runId: string }) {
  const t = useT()
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button
          variant="default"
          rightSection={<ChevronDown size={14} aria-hidden />}
          data-testid="export-receipt"
        >
          {t('Export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={receiptFile(runId, 'xlsx')} download>
          {t('Excel workbook')}
        </Menu.Item>
        <Menu.Item component="a" href={receiptFile(runId, 'csv')} download>
          {t('CSV file')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
