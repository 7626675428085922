/** Lines out to a spreadsheet, and in again. */

import { Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { FileSpreadsheet, Upload } from 'lucide-react'
import { useState } from 'react'
import { lineFile, type FileFormat } from '@/api/line-files'
import type { LineFilter, LineOrder } from '@/api/lines'
import { mayWork, meQuery } from '@/api/session'
import { formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { ImportDialog } from './ImportDialog'

interface Props {
  filter: LineFilter
  sort: LineOrder | undefined
  /** How many lines the view has, and how many the month. */
  matching: number | undefined
  inMonth: number | undefined
}

export function Files({ filter, sort, matching, inMonth }: Props) {
  const t = useT()
  const { data: me } = useQuery(meQuery)
  const [isImporting, setImporting] = useState(false)
  const month = { period: filter.period }
  const isWhole = matching === inMonth
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<FileSpreadsheet size={16} aria-hidden />}
            data-testid="files-menu"
          >
            {t('Excel')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {!isWhole && (
            <Exports
              label={t('These {count, plural, one {# line} other {# lines}}', { count: matching ?? 0 })}
              href={(format, parted) => lineFile(filter, sort, format, parted)}
              name="view"
            />
          )}
          <Exports
            label={t('All {count, plural, one {# line} other {# lines}} of {month}', {
              count: inMonth ?? 0,
              month: formatPeriod(filter.period),
            })}
            href={(format, parted) => lineFile(month, sort, format, parted)}
            name="month"
          />
          {mayWork(me) && (
            <>
              <Menu.Divider />
              <Menu.Item
                leftSection={<Upload size={14} aria-hidden />}
                onClick={() => setImporting(true)}
                data-testid="import-file"
              >
                {t('Import an edited file…')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {isImporting && <ImportDialog period={filter.period} onClose={() => setImporting(false)} />}
    </>
  )
}

interface ExportsProps {
  label: string
  name: string
  href(format: FileFormat, hasSheetForEachCurrency: boolean): string
}

function Exports({ label, name, href }: ExportsProps) {
  const t = useT()
  return (
    <>
      <Menu.Label>{label}</Menu.Label>
      <Menu.Item component="a" href={href('xlsx', false)} download data-testid={`export-${name}-xlsx`}>
        {t('Excel workbook')}
      </Menu.Item>
      <Menu.Item component="a" href={href('xlsx', true)} download>
        {t('Excel workbook, a sheet for each currency')}
      </Menu.Item>
      <Menu.Item component="a" href={href('csv', false)} download data-testid={`export-${name}-csv`}>
        {t('CSV file')}
      </Menu.Item>
    </>
  )
}
