/** Organizations with their company and agreement; one row, one mutation. */

import { Button, VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useAcceptOrganizationSuggestions, useEditOrganization, type Organization } from '@/api/organizations'
import { agreementsQuery, companiesQuery } from '@/api/reference'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { tellProblem } from '@/ui/notice'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { MAPPING_STATES } from '@/words/mapping'
import classes from './mapping.module.css'
import { Picker } from './Picker'
import { ShowMore, useGrowing } from './ShowMore'
import { Suggestion } from './Suggestion'

export function OrganizationRows({ organizations }: { organizations: Organization[] }) {
  const t = useT()
  const { shown, more } = useGrowing(organizations)
  return (
    <div className={table.wrap}>
      <table className={table.table} data-testid="organizations">
        <thead>
          <tr>
            <th scope="col">{t('Organization')}</th>
            <th scope="col">{t('Mapping status')}</th>
            <th scope="col">{t('PSA company')}</th>
            <th scope="col">{t('PSA agreement')}</th>
            <th scope="col" className={table.end}>
              {t('Lines held')}
            </th>
            <th scope="col">
              <VisuallyHidden>{t('Actions')}</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((organization) => (
            <OrganizationRow key={organization.id} organization={organization} />
          ))}
        </tbody>
      </table>
      <ShowMore shown={shown.length} total={organizations.length} onMore={more} />
    </div>
  )
}

type Change = { state?: 'approved' | 'excluded'; company_id?: string | null; agreement_id?: string | null }

function OrganizationRow({ organization }: { organization: Organization }) {
  const t = useT()
  const edit = useEditOrganization()
  const accept = useAcceptOrganizationSuggestions()
  const { id, version, name, currency, state, company, suggestion, lines_held } = organization
  const word = MAPPING_STATES[state]
  const change = (body: Change) => edit.mutate({ id, body: { version, ...body } }, { onError: tellProblem })
  return (
    <tr data-testid="organization-row" data-state={state}>
      <td>
        <span className={table.name}>{name}</span> <span className={classes.identifier}>{currency}</span>
      </td>
      <td>
        <StatusBadge tone={word.tone} meaning={t(word.meaning)}>
          {t(word.label)}
        </StatusBadge>
      </td>
      <td className={classes.choiceCell}>
        {suggestion && !company ? (
          <Suggestion
            name={suggestion.company}
            score={suggestion.score}
            reason={suggestion.reason}
            isAccepting={accept.isPending}
            onAccept={() => accept.mutate([id], { onError: tellProblem })}
          />
        ) : null}
        <Picker
          label={t('Company of {name}', { name })}
          placeholder={suggestion && !company ? t('Choose another') : t('Choose a company')}
          value={company}
          isSaving={edit.isPending}
          choices={companiesQuery}
          onChoose={(company_id) => change({ company_id })}
          testId="choose-company"
        />
      </td>
      <td>
        {company && (
          <AgreementPicker
            organization={organization}
            onChoose={(agreement_id) => change({ agreement_id })}
            isSaving={edit.isPending}
          />
        )}
      </td>
      <td className={table.end}>
        {lines_held > 0 ? (
          <Link to="/invoices" search={{ organization: id, status: 'held' }}>
            {formatCount(lines_held)}
          </Link>
        ) : (
          <span className={table.soft}>0</span>
        )}
      </td>
      <td className={table.end}>
        {state === 'excluded' ? (
          <Button
            size="compact-sm"
            onClick={() => change({ state: 'approved' })}
            loading={edit.isPending}
            data-testid="approve"
          >
            {t('Approve')}
          </Button>
        ) : (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() => change({ state: 'excluded' })}
            loading={edit.isPending}
            data-testid="exclude"
          >
            {t('Exclude')}
          </Button>
        )}
      </td>
    </tr>
  )
}

interface AgreementProps {
  organization: Organization
  isSaving: boolean
  onChoose(id: string | null): void
}

/** Without an explicit choice, the one active agreement that fits is taken line by line. */
function AgreementPicker({ organization, isSaving, onChoose }: AgreementProps) {
  const t = useT()
  const companyId = organization.company?.id ?? ''
  return (
    <Picker
      label={t('Agreement of {name}', { name: organization.name })}
      placeholder={t('The one that fits')}
      value={organization.agreement}
      isSaving={isSaving}
      choices={() => agreementsQuery(companyId)}
      onChoose={onChoose}
      testId="choose-agreement"
    />
  )
}
