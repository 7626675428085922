import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './theme.css'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { makeQueryClient, makeRouter } from './router'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

const queryClient = makeQueryClient()
createRoot(root).render(<App queryClient={queryClient} router={makeRouter(queryClient)} />)
