/** The two connections: address and account, write-only secrets, and a test that names what is missing. */

import { useQuery } from '@tanstack/react-query'
import { connectionQuery, useTestConnection, type ConnectedSystem, type Connection } from '@/api/connections'
import { Button } from '@mantine/core'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import { ErrorState, LoadingRows } from '@/ui/states'
import { StatusBadge } from '@/ui/StatusBadge'
import { When } from '@/ui/When'
import { ConnectionForm } from './ConnectionForm'
import { Checks } from './Checks'
import { LearnedTraits } from './LearnedTraits'
import classes from './settings.module.css'
import { STATUS_WORDS, SYSTEMS } from './systems'

export function ConnectionsTab() {
  return (
    <div className={classes.columns}>
      <ConnectionCard system="appxite" />
      <ConnectionCard system="connectwise" />
    </div>
  )
}

function ConnectionCard({ system }: { system: ConnectedSystem }) {
  const t = useT()
  const query = useQuery(connectionQuery(system))
  const word = STATUS_WORDS[query.data?.status ?? 'missing'] ?? {
    label: query.data?.status ?? '',
    tone: 'quiet',
  }
  return (
    <Card
      title={SYSTEMS[system].title}
      aside={query.data && <StatusBadge tone={word.tone}>{t(word.label)}</StatusBadge>}
    >
      <div className={classes.pad}>
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows rows={4} />}
        {query.data && (
          <>
            <ConnectionForm key={`${query.data.address}/${query.data.has_secret}`} connection={query.data} />
            <ConnectionTestSection connection={query.data} />
            {system === 'connectwise' && query.data.has_secret && <LearnedTraits system={system} />}
          </>
        )}
      </div>
    </Card>
  )
}

function ConnectionTestSection({ connection }: { connection: Connection }) {
  const t = useT()
  const test = useTestConnection(connection.system)
  return (
    <section className={classes.test}>
      <div className={classes.testHead}>
        <span className={classes.soft}>
          {connection.tested_at ? (
            <>
              {t('Tested')} <When at={connection.tested_at} />
            </>
          ) : (
            t('Not tested yet')
          )}
        </span>
        <Button
          variant="default"
          onClick={() => test.mutate()}
          loading={test.isPending}
          disabled={!connection.has_secret}
          data-testid={`test-${connection.system}`}
        >
          {t('Test connection')}
        </Button>
      </div>
      {test.error && <ErrorState error={test.error} />}
      {test.data ? (
        <Checks checks={test.data.checks} />
      ) : (
        connection.missing_rights.length > 0 && (
          <Checks checks={connection.missing_rights.map((name) => ({ name, ok: false, detail: '' }))} />
        )
      )}
    </section>
  )
}
