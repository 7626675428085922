/** What a service could not take in, with its error, and a way to try it again. Shown only when there is any. */

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { meQuery } from '@/api/session'
import { mayLook, mayRetry, undeliveredQuery, useRetryUndelivered, type Undelivered } from '@/api/undelivered'
import { useT } from '@/i18n'
import { tell, tellProblem } from '@/ui/notice'
import { Card } from '@/ui/Page'
import table from '@/ui/table.module.css'
import { When } from '@/ui/When'
import classes from './logs.module.css'

export function UndeliveredFacts() {
  const t = useT()
  const { data: me } = useQuery(meQuery)
  const { data: facts } = useQuery({ ...undeliveredQuery, enabled: mayLook(me) })
  const retry = useRetryUndelivered()
  if (!facts?.length) return null
  const tryAgain = (chosen?: Undelivered) =>
    retry.mutate(chosen, {
      onSuccess: ({ retried }) =>
        tell(t('{retried, plural, one {# fact goes} other {# facts go}} to work again', { retried })),
      onError: tellProblem,
    })
  return (
    <Card
      title={t('{count, plural, one {# fact was} other {# facts were}} not taken in', {
        count: facts.length,
      })}
      aside={
        mayRetry(me) && (
          <Button size="xs" loading={retry.isPending} onClick={() => tryAgain()} data-testid="retry-all">
            {t('Try all again')}
          </Button>
        )
      }
    >
      <p className={classes.explanation}>
        {t(
          'Many attempts failed, so nobody tries any more. Nothing is lost: remove the cause, then try again.',
        )}
      </p>
      <table className={table.table} data-testid="undelivered">
        <thead>
          <tr>
            <th scope="col">{t('Fact')}</th>
            <th scope="col">{t('For')}</th>
            <th scope="col">{t('Error')}</th>
            <th scope="col">{t('Given up')}</th>
            <th scope="col">{t('Actions')}</th>
          </tr>
        </thead>
        <tbody>
          {facts.map((fact) => (
            <tr key={`${fact.event_id} ${fact.consumer}`} data-testid="undelivered-fact">
              <td>
                <span className={table.name}>{fact.type}</span>
                <span className={classes.details}>{fact.subject}</span>
              </td>
              <td className={table.nowrap}>{fact.consumer}</td>
              <td className={classes.error}>{fact.error}</td>
              <td className={`${table.soft} ${table.nowrap}`}>
                <When at={fact.rested_at} isExact />
              </td>
              <td>
                {mayRetry(me) && (
                  <Button
                    variant="default"
                    size="xs"
                    leftSection={<RotateCcw size={13} aria-hidden />}
                    disabled={retry.isPending}
                    onClick={() => tryAgain(fact)}
                  >
                    {t('Try again')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
