/** One agreement for all lines: its company first, because agreements of many companies have the same name. */

import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { agreementsQuery, companiesQuery } from '@/api/reference'
import { useT } from '@/i18n'

interface Props {
  value: string
  onChange(agreementId: string): void
}

export function AgreementField({ value, onChange }: Props) {
  const t = useT()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 180)
  const [company, setCompany] = useState<{ id: string; name: string }>()
  // What is shown as chosen is no search.
  const companies = useQuery(companiesQuery(search === company?.name ? '' : search))
  const agreements = useQuery({ ...agreementsQuery(company?.id ?? ''), enabled: company !== undefined })
  const found = companies.data ?? []
  const shown = company && !found.some(({ id }) => id === company.id) ? [company, ...found] : found
  return (
    <>
      <Select
        label={t('Company')}
        placeholder={t('Choose a company')}
        data={shown.map(({ id, name }) => ({ value: id, label: name }))}
        value={company?.id ?? null}
        onChange={(id) => {
          setCompany(shown.find((each) => each.id === id))
          onChange('')
        }}
        searchable
        searchValue={typed}
        onSearchChange={setTyped}
        filter={({ options }) => options}
        nothingFoundMessage={companies.isFetching ? t('Searching…') : t('Nothing by that name')}
        data-testid="bulk-company"
      />
      <Select
        label={t('Agreement')}
        placeholder={company ? t('Choose an agreement') : t('Choose a company first')}
        data={(agreements.data ?? []).map(({ id, name, status }) => ({
          value: id,
          label: status === 'Active' ? name : `${name} (${status})`,
        }))}
        value={value || null}
        onChange={(id) => onChange(id ?? '')}
        disabled={company === undefined}
        nothingFoundMessage={t('It has no agreement')}
        data-testid="bulk-agreement"
      />
    </>
  )
}
