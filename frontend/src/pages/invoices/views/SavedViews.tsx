/** Views that were kept: one's own and those that are shared. Choosing one sets filter, order, columns and grouping. */

import { Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Bookmark } from 'lucide-react'
import { useState } from 'react'
import {
  lineViewsQuery,
  useChangeView,
  useDeleteView,
  useShareView,
  type LineViewOut,
  type ViewContent,
} from '@/api/line-views'
import { mayWork, meQuery } from '@/api/session'
import { useT } from '@/i18n'
import { tell, tellProblem } from '@/ui/notice'
import { SaveView } from './SaveView'

interface Props {
  /** What is shown now. */
  content: ViewContent
  onChoose(view: LineViewOut): void
}

export function SavedViews({ content, onChoose }: Props) {
  const t = useT()
  const { data: views = [] } = useQuery(lineViewsQuery)
  const { data: me } = useQuery(meQuery)
  const [isSaving, setSaving] = useState(false)
  const [chosenId, setChosenId] = useState<string>()
  const chosen = views.find(({ id }) => id === chosenId)
  const change = useChangeView()
  const share = useShareView()
  const remove = useDeleteView()
  const choose = (view: LineViewOut) => {
    setChosenId(view.id)
    onChoose(view)
  }
  const sections: [string, LineViewOut[]][] = [
    [t('My views'), views.filter((view) => view.is_own)],
    [t('Shared with me'), views.filter((view) => !view.is_own)],
  ]
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={260}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<Bookmark size={15} aria-hidden />}
            data-testid="saved-views"
          >
            {chosen?.name ?? t('Views')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {sections.map(
            ([label, some]) =>
              some.length > 0 && (
                <div key={label} role="group" aria-label={label}>
                  <Menu.Label>{label}</Menu.Label>
                  {some.map((view) => (
                    <Menu.Item key={view.id} onClick={() => choose(view)} rightSection={markOf(view, t)}>
                      {view.name}
                    </Menu.Item>
                  ))}
                </div>
              ),
          )}
          {views.length > 0 && <Menu.Divider />}
          <Menu.Item onClick={() => setSaving(true)} data-testid="save-view">
            {t('Save what is shown as a view…')}
          </Menu.Item>
          {chosen?.is_own && (
            <Menu.Item
              onClick={() =>
                change.mutate(
                  {
                    id: chosen.id,
                    name: chosen.name,
                    is_default: chosen.is_default,
                    version: chosen.version,
                    content,
                  },
                  {
                    onSuccess: () => tell(t('{name} shows this from now on', { name: chosen.name })),
                    onError: tellProblem,
                  },
                )
              }
            >
              {t('Update {name}', { name: chosen.name })}
            </Menu.Item>
          )}
          {chosen && (chosen.is_own || chosen.is_shared) && mayWork(me) && (
            <Menu.Item
              onClick={() =>
                share.mutate(
                  { id: chosen.id, is_shared: !chosen.is_shared, version: chosen.version },
                  { onError: tellProblem },
                )
              }
            >
              {chosen.is_shared
                ? t('Stop sharing {name}', { name: chosen.name })
                : t('Share {name} with everybody', { name: chosen.name })}
            </Menu.Item>
          )}
          {chosen?.is_own && (
            <Menu.Item color="red" onClick={() => remove.mutate(chosen.id, { onError: tellProblem })}>
              {t('Delete {name}', { name: chosen.name })}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isSaving && <SaveView content={content} onSaved={setChosenId} onClose={() => setSaving(false)} />}
    </>
  )
}

function markOf(view: LineViewOut, t: ReturnType<typeof useT>): string {
  if (!view.is_own) return view.owner
  if (view.is_default) return t('Default')
  return view.is_shared ? t('Shared') : ''
}
