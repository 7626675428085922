/** What nobody documents of ConnectWise, how it is known, and how it is fixed or forgotten. */

import { Button, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import {
  traitsQuery,
  useFixTrait,
  useForgetTrait,
  type ConnectedSystem,
  type Trait,
  type TraitValue,
} from '@/api/connections'
import { useT } from '@/i18n'
import { ErrorState } from '@/ui/states'
import { When } from '@/ui/When'
import classes from './settings.module.css'
import { choicesOf, TRAITS } from './traits'

export function LearnedTraits({ system }: { system: ConnectedSystem }) {
  const t = useT()
  const query = useQuery(traitsQuery(system))
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data?.length) return null
  return (
    <section className={classes.test} aria-label={t('What is known of ConnectWise')} data-testid="traits">
      <h3 className={classes.traitsTitle}>{t('What is known of ConnectWise')}</h3>
      <p className={classes.soft}>
        {t('None of it is documented. It is learned from what ConnectWise holds after a push.')}
      </p>
      {query.data.map((trait) => (
        <TraitRow key={trait.name} system={system} trait={trait} />
      ))}
    </section>
  )
}

function TraitRow({ system, trait }: { system: ConnectedSystem; trait: Trait }) {
  const t = useT()
  const fix = useFixTrait(system)
  const forget = useForgetTrait(system)
  const choices = choicesOf(trait.name)
  const choose = (text: string | null) => {
    const chosen = choices.find((choice) => choice.value === text)
    if (chosen) fix.mutate({ trait: trait.name, value: chosen.means as TraitValue })
  }
  const error = fix.error ?? forget.error
  return (
    <div data-testid={`trait-${trait.name}`}>
      <div className={classes.trait}>
        <Select
          label={t(TRAITS[trait.name] ?? trait.words)}
          description={<HowItIsKnown trait={trait} />}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={choices.map(({ value, label }) => ({ value, label: t(label) }))}
          value={String(trait.value)}
          onChange={choose}
          disabled={trait.origin === 'setting' || fix.isPending}
          allowDeselect={false}
        />
        {(trait.origin === 'fixed' || trait.learned !== null) && (
          <Button variant="default" loading={forget.isPending} onClick={() => forget.mutate(trait.name)}>
            {t('Forget')}
          </Button>
        )}
      </div>
      {error && <ErrorState error={error} />}
    </div>
  )
}

function HowItIsKnown({ trait }: { trait: Trait }) {
  const t = useT()
  if (trait.origin === 'fixed') return t('Fixed by a person')
  if (trait.origin === 'setting') return t('Set for the whole installation')
  if (trait.origin === 'guessed') return t('Not known yet: a first guess')
  return (
    <>
      {t('Learned from addition {id}: {sent} was sent, {kept} is kept', {
        id: trait.addition_id,
        sent: trait.sent,
        kept: trait.kept,
      })}{' '}
      <When at={trait.learned_at} />
    </>
  )
}
