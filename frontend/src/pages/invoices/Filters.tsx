/** Filters on top of the status tabs. They live in the URL, so a view can be sent as a link. */

import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { organizationsQuery } from '@/api/organizations'
import { useT } from '@/i18n'
import { CHARGE_TYPE_OPTIONS, HOLD_REASONS } from '@/words/lines'
import classes from './invoices.module.css'
import { hasFilters, type LineView } from './view'

interface Props {
  view: LineView
  currencies: string[]
  onView(change: Partial<LineView>): void
  /** Filters of other fields, and grouping. */
  more: ReactNode
  /** Views, files and columns. */
  children: ReactNode
}

const HOLD_OPTIONS = Object.entries(HOLD_REASONS).map(([value, { label }]) => ({ value, label }))
const CLEARED = {
  organization: undefined,
  charge_type: undefined,
  currency: undefined,
  search: undefined,
  hold_reason: undefined,
  more: undefined,
}

export function Filters({ view, currencies, onView, more, children }: Props) {
  const t = useT()
  const { data: organizations = [] } = useQuery(organizationsQuery)
  const choices = organizations.map(({ id, name }) => ({ value: id, label: name }))
  return (
    <div className={classes.filters} role="search" aria-label={t('Filter lines')}>
      <SearchField search={view.search} onSearch={(search) => onView({ search })} />
      <Select
        className={classes.wideFilter}
        placeholder={t('Organization')}
        aria-label={t('Organization')}
        data={choices}
        value={view.organization ?? null}
        onChange={(value) => onView({ organization: value ?? undefined })}
        searchable
        clearable
        limit={100}
        nothingFoundMessage={t('No such organization')}
        data-testid="filter-organization"
      />
      <Select
        className={classes.filter}
        placeholder={t('Charge type')}
        aria-label={t('Charge type')}
        data={CHARGE_TYPE_OPTIONS}
        value={view.charge_type ?? null}
        onChange={(value) => onView({ charge_type: value ?? undefined })}
        clearable
      />
      {/* Under the tile of held lines, each reason stands with its money. */}
      {view.hold_reason && view.status !== 'held' && (
        <Select
          className={classes.filter}
          placeholder={t('Hold reason')}
          aria-label={t('Hold reason')}
          data={HOLD_OPTIONS}
          value={view.hold_reason ?? null}
          onChange={(value) => onView({ hold_reason: (value ?? undefined) as LineView['hold_reason'] })}
          clearable
        />
      )}
      {(currencies.length > 1 || view.currency) && (
        <Select
          className={classes.narrowFilter}
          placeholder={t('Currency')}
          aria-label={t('Currency')}
          data={currencies}
          value={view.currency ?? null}
          onChange={(value) => onView({ currency: value ?? undefined })}
          clearable
        />
      )}
      {more}
      {hasFilters(view) && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<X size={14} aria-hidden />}
          onClick={() => onView(CLEARED)}
        >
          {t('Clear filters')}
        </Button>
      )}
      <span className={classes.spring} />
      {children}
    </div>
  )
}

function SearchField({
  search,
  onSearch,
}: {
  search: string | undefined
  onSearch(search: string | undefined): void
}) {
  const t = useT()
  const [typed, setTyped] = useState(search ?? '')
  const [known, setKnown] = useState(search)
  const field = useRef<HTMLInputElement>(null)
  const tell = useDebouncedCallback((value: string) => onSearch(value.trim() || undefined), 250)
  if (known !== search) {
    // The URL changed by itself (Back, Clear filters): the field follows, unless it caused it.
    setKnown(search)
    if ((search ?? '') !== typed.trim()) setTyped(search ?? '')
  }
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      if (event.key !== '/' || target.closest('input,textarea,[role="dialog"]')) return
      event.preventDefault()
      field.current?.focus()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
  return (
    <TextInput
      ref={field}
      className={classes.wideFilter}
      type="search"
      placeholder={t('Search lines')}
      aria-label={t('Search lines')}
      leftSection={<Search size={15} aria-hidden />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        tell(event.currentTarget.value)
      }}
      data-testid="line-search"
    />
  )
}
