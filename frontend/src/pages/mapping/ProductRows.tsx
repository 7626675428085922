/** Offers with their catalog item. */

import { Link } from '@tanstack/react-router'
import { useAcceptProductSuggestions, useEditProduct, type Product } from '@/api/products'
import { catalogItemsQuery } from '@/api/reference'
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

export function ProductRows({ products }: { products: Product[] }) {
  const t = useT()
  const { shown, more } = useGrowing(products)
  return (
    <div className={table.wrap}>
      <table className={table.table} data-testid="products">
        <thead>
          <tr>
            <th scope="col">{t('Offer')}</th>
            <th scope="col">{t('Mapping status')}</th>
            <th scope="col">{t('PSA product')}</th>
            <th scope="col" className={table.end}>
              {t('Lines held')}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((product) => (
            <ProductRow key={product.id} product={product} />
          ))}
        </tbody>
      </table>
      <ShowMore shown={shown.length} total={products.length} onMore={more} />
    </div>
  )
}

function ProductRow({ product }: { product: Product }) {
  const t = useT()
  const edit = useEditProduct()
  const accept = useAcceptProductSuggestions()
  const { id, version, name, state, product: item, suggestion, lines_held } = product
  const word = MAPPING_STATES[state]
  return (
    <tr data-testid="product-row" data-state={state}>
      <td className={table.name}>{name}</td>
      <td>
        <StatusBadge tone={word.tone} meaning={t(word.meaning)}>
          {t(word.label)}
        </StatusBadge>
      </td>
      <td className={classes.choiceCell}>
        {suggestion && !item && (
          <Suggestion
            name={suggestion.product}
            score={suggestion.score}
            reason={suggestion.reason}
            isAccepting={accept.isPending}
            onAccept={() => accept.mutate([id], { onError: tellProblem })}
          />
        )}
        <Picker
          label={t('Catalog item of {name}', { name })}
          placeholder={suggestion && !item ? t('Choose another') : t('Choose a catalog item')}
          value={item}
          isSaving={edit.isPending}
          choices={catalogItemsQuery}
          onChoose={(product_id) =>
            edit.mutate({ id, body: { version, product_id } }, { onError: tellProblem })
          }
          testId="choose-catalog-item"
        />
      </td>
      <td className={table.end}>
        {lines_held > 0 ? (
          <Link to="/invoices" search={{ search: name, status: 'held' }}>
            {formatCount(lines_held)}
          </Link>
        ) : (
          <span className={table.soft}>0</span>
        )}
      </td>
    </tr>
  )
}
