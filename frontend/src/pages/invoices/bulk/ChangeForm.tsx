/** The first step: which lines, and what is to happen to them. */

import { Button, Group, Radio, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import type { FormEvent } from 'react'
import type { BulkChange, EditableField } from '@/api/bulk-edits'
import { scopeOfFilter } from '@/api/bulk-edits'

import { lineFieldsQuery, type LineFilter } from '@/api/lines'
import { organizationsQuery } from '@/api/organizations'
import { asProblem } from '@/api/problem'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { ErrorState } from '@/ui/states'
import { labelOf } from '@/words/bulk'
import classes from './bulk.module.css'
import { ChangeFields } from './ChangeFields'
import { emptyDraft, findTwice, toChange, type Draft } from './drafts'
import { filterInWords, isSendable, type LineSelection, type ScopeKind } from './scope'

export interface ScopeState {
  kind: ScopeKind
  filter: LineFilter
  /** How many lines match the filter, where that is known. */
  matching: number | undefined
  selection: LineSelection | undefined
}

interface Props {
  scope: ScopeState
  onKind(kind: ScopeKind): void
  drafts: Draft[]
  onDrafts(drafts: Draft[]): void
  fields: EditableField[]
  error: Error | null
  isPending: boolean
  onPreview(changes: BulkChange[]): void
  onClose(): void
}

export function ChangeForm({ scope, onKind, drafts, onDrafts, fields, error, isPending, ...on }: Props) {
  const t = useT()
  const changes = drafts.flatMap((draft) => toChange(draft, fields) ?? [])
  const twice = findTwice(changes)
  const isComplete = changes.length === drafts.length && twice.length === 0
  const count = scope.kind === 'selection' ? scope.selection?.count : scope.matching
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isComplete) on.onPreview(changes)
  }
  const add = () => onDrafts([...drafts, emptyDraft(Math.max(...drafts.map(({ id }) => id)) + 1)])
  return (
    <form onSubmit={submit} data-testid="bulk-form">
      <Stack gap="md">
        <ScopeField scope={scope} onKind={onKind} />
        {drafts.map((draft, index) => (
          <ChangeFields
            key={draft.id}
            draft={draft}
            fields={fields}
            isFirst={index === 0}
            onDraft={(changed) => onDrafts(drafts.map((each) => (each.id === draft.id ? changed : each)))}
            onRemove={
              drafts.length > 1 ? () => onDrafts(drafts.filter(({ id }) => id !== draft.id)) : undefined
            }
          />
        ))}
        {twice.length > 0 && (
          <p role="alert" className={classes.error}>
            {t('Two changes are about {fields}: keep one of them.', {
              fields: twice.map((field) => labelOf(field, fields)).join(', '),
            })}
          </p>
        )}
        <div>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={add}
          >
            {t('Change something else too')}
          </Button>
        </div>
        {error && <Refusal error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={on.onClose}>
            {t('Cancel')}
          </Button>
          <Button type="submit" loading={isPending} disabled={!isComplete} data-testid="bulk-preview">
            {count === undefined
              ? t('Preview')
              : t('Preview {count, plural, one {# line} other {# lines}}', { count })}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** A refusal with what it says of single fields. */
function Refusal({ error }: { error: Error }) {
  const { body } = asProblem(error)
  return (
    <>
      <ErrorState error={error} />
      {body.errors?.map(({ field, message }) => (
        <p key={field} className={classes.error}>
          {message}
        </p>
      ))}
    </>
  )
}

function ScopeField({ scope, onKind }: { scope: ScopeState; onKind(kind: ScopeKind): void }) {
  const t = useT()
  const { data: organizations = [] } = useQuery(organizationsQuery)
  const { data: filterable = [] } = useQuery(lineFieldsQuery)
  const { selection, matching, filter, kind } = scope
  const { filter: asSent } = scopeOfFilter(filter)
  const canSelect = selection !== undefined && isSendable(selection)
  return (
    <Radio.Group
      label={t('Which lines')}
      value={kind}
      onChange={(value) => onKind(value as ScopeKind)}
      data-testid="bulk-scope"
    >
      <Stack gap={6} mt={6}>
        {selection && selection.count > 0 && (
          <Radio
            value="selection"
            size="sm"
            disabled={!canSelect}
            label={t('{count, plural, one {The selected line} other {The # selected lines}}', {
              count: selection.count,
            })}
            description={
              canSelect ? undefined : t('Not all of them are read yet. Narrow the filter to exactly these.')
            }
          />
        )}
        <Radio
          value="filter"
          size="sm"
          label={
            matching === undefined
              ? t('All lines that match the filter')
              : t('All {count} lines that match the filter', { count: formatCount(matching) })
          }
          description={asSent ? filterInWords(asSent, organizations, filterable, t) : undefined}
        />
      </Stack>
    </Radio.Group>
  )
}
