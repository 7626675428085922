/** API tokens: made with a name and scopes, shown once, revoked at any time. */

import { Button, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { tokensQuery, useRevokeToken, type ApiToken } from '@/api/tokens'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import table from '@/ui/table.module.css'
import { When } from '@/ui/When'
import { NewTokenModal } from './NewTokenModal'

export function TokensTab() {
  const t = useT()
  const query = useQuery(tokensQuery)
  const [isMaking, setMaking] = useState(false)
  const make = (
    <Button size="xs" onClick={() => setMaking(true)} data-testid="new-token">
      {t('New token')}
    </Button>
  )
  return (
    <Card title={t('API tokens')} aside={query.data?.length ? make : undefined}>
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows rows={4} />}
      {query.data?.length === 0 && (
        <EmptyState icon={KeyRound} title={t('No token')} action={make}>
          {t('Programs use a token instead of a password, with only the scopes they need.')}
        </EmptyState>
      )}
      {query.data && query.data.length > 0 && <TokenTable tokens={query.data} />}
      {isMaking && <NewTokenModal onClose={() => setMaking(false)} />}
    </Card>
  )
}

function TokenTable({ tokens }: { tokens: ApiToken[] }) {
  const t = useT()
  const revoke = useRevokeToken()
  return (
    <table className={table.table} data-testid="tokens">
      <thead>
        <tr>
          <th scope="col">{t('Name')}</th>
          <th scope="col">{t('Scopes')}</th>
          <th scope="col">{t('Made')}</th>
          <th scope="col">{t('Ends')}</th>
          <th scope="col">
            <VisuallyHidden>{t('Actions')}</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id}>
            <td className={table.name}>{token.name}</td>
            <td className={table.soft}>{token.scopes.join(', ')}</td>
            <td>
              <When at={token.created_at} />
            </td>
            <td>{token.expires_at ? <When at={token.expires_at} /> : t('never')}</td>
            <td className={table.end}>
              <Button
                size="compact-sm"
                variant="subtle"
                color="red"
                loading={revoke.isPending && revoke.variables === token.id}
                onClick={() => revoke.mutate(token.id)}
                aria-label={t('Revoke {name}', { name: token.name })}
              >
                {t('Revoke')}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
