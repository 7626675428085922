/** The cells and rows of a file that change nothing, each with the reason. */

import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { refusedCellsQuery } from '@/api/line-files'
import { useT } from '@/i18n'
import { ErrorState } from '@/ui/states'
import table from '@/ui/table.module.css'
import classes from './excel.module.css'

export function RefusedCells({ id, counted }: { id: string; counted: number }) {
  const t = useT()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    refusedCellsQuery(id),
  )
  const cells = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <section aria-label={t('Refused')} data-testid="import-refused">
      <h3 className={classes.title}>
        {t('{counted, plural, one {# cell or row was} other {# cells or rows were}} refused', { counted })}
      </h3>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('Refused')}>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">{t('Cell')}</th>
              <th scope="col">{t('Column')}</th>
              <th scope="col">{t('Value')}</th>
              <th scope="col">{t('Why')}</th>
            </tr>
          </thead>
          <tbody>
            {cells.map((cell) => (
              <tr key={cell.number}>
                <th scope="row">
                  {cell.column
                    ? t('{sheet}, {at}', { sheet: cell.sheet, at: cell.at })
                    : t('{sheet}, row {row}', { sheet: cell.sheet, row: String(cell.row) })}
                </th>
                <td>{cell.column || '–'}</td>
                <td className={classes.value}>{cell.value || '–'}</td>
                <td>{cell.words}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {hasNextPage && (
          <Button
            variant="subtle"
            size="xs"
            loading={isFetchingNextPage}
            onClick={() => void fetchNextPage()}
          >
            {t('Show more')}
          </Button>
        )}
      </div>
    </section>
  )
}
