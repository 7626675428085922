/** Renders /openapi.json for people. Nothing is fetched from elsewhere, and nothing is sent. */

const VERBS = ['get', 'post', 'put', 'patch', 'delete']

function make(tag, text, className) {
  const element = document.createElement(tag)
  if (text) element.textContent = text
  if (className) element.className = className
  return element
}

/** A schema as a short text: names of components stay names, so that a page stays readable. */
function describe(schema) {
  if (!schema) return ''
  if (schema.$ref) return schema.$ref.split('/').pop()
  if (schema.anyOf) return schema.anyOf.map(describe).join(' | ')
  if (schema.type === 'array') return `${describe(schema.items)}[]`
  if (schema.enum) return schema.enum.join(' | ')
  return schema.format ? `${schema.type} (${schema.format})` : (schema.type ?? 'any')
}

function rows(headings, lines) {
  const table = make('table')
  const head = table.insertRow()
  for (const heading of headings) head.append(make('th', heading))
  for (const line of lines) {
    const row = table.insertRow()
    for (const cell of line) row.append(make('td', cell))
  }
  return table
}

/** Name, type and description of each property, of the component that a schema refers to. */
function fields(schema, components) {
  const name = describe(schema).replace('[]', '')
  const properties = components[name]?.properties
  if (!properties) return make('p', describe(schema))
  const required = new Set(components[name].required ?? [])
  const lines = Object.entries(properties).map(([key, value]) => [
    required.has(key) ? key : `${key}?`,
    describe(value),
    value.description ?? '',
  ])
  return rows([name, '', ''], lines)
}

function render(path, verb, operation, components) {
  const details = make('details')
  const summary = make('summary')
  summary.append(make('span', verb, 'verb'), make('span', path, 'path'), make('span', operation.summary ?? '', 'what'))
  const body = make('div')
  if (operation.description) body.append(make('p', operation.description))
  const rights = [operation['x-roles']?.join(', '), operation['x-scope'] && `token scope ${operation['x-scope']}`]
  if (rights.some(Boolean)) body.append(make('p', `Who may: ${rights.filter(Boolean).join('; ')}`))
  const parameters = operation.parameters ?? []
  if (parameters.length) {
    const lines = parameters.map((each) => [each.name, each.in, describe(each.schema), each.description ?? ''])
    body.append(rows(['Parameter', 'in', 'type', ''], lines))
  }
  const given = Object.values(operation.requestBody?.content ?? {})[0]
  if (given) body.append(make('h3', 'Request'), fields(given.schema, components))
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const content = Object.values(response.content ?? {})[0]
    body.append(make('h3', `${status} ${response.description ?? ''}`))
    if (content && status < '300') body.append(fields(content.schema, components))
  }
  details.append(summary, body)
  details.dataset.words = `${verb} ${path} ${operation.operationId} ${operation.summary ?? ''}`.toLowerCase()
  return details
}

async function start() {
  const place = document.getElementById('operations')
  const answer = await fetch('/openapi.json')
  const api = await answer.json()
  const groups = new Map()
  for (const [path, item] of Object.entries(api.paths)) {
    for (const verb of VERBS.filter((each) => each in item)) {
      const tag = item[verb].tags?.[0] ?? 'other'
      if (!groups.has(tag)) groups.set(tag, make('section'))
      groups.get(tag).append(render(path, verb, item[verb], api.components.schemas))
    }
  }
  place.replaceChildren()
  for (const [tag, section] of groups) {
    section.prepend(make('h2', tag))
    place.append(section)
  }
  document.getElementById('find').addEventListener('input', (event) => {
    const wanted = event.target.value.trim().toLowerCase()
    for (const each of place.querySelectorAll('details')) each.hidden = !each.dataset.words.includes(wanted)
    for (const section of place.querySelectorAll('section'))
      section.hidden = !section.querySelector('details:not([hidden])')
  })
}

start().catch((error) => {
  document.getElementById('operations').textContent = `The document could not be read: ${error.message}`
})
