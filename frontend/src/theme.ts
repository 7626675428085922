/** Looks: one accent colour; every other colour is a status and has a word beside it. Values live in theme.css. */

import {
  ActionIcon,
  Badge,
  Button,
  createTheme,
  Drawer,
  Modal,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Switch,
  Tabs,
  TextInput,
  Tooltip,
  type MantineColorsTuple,
} from '@mantine/core'

const iris: MantineColorsTuple = [
  '#f1f1fd',
  '#e3e3fb',
  '#c9c9f6',
  '#adadf0',
  '#9090e8',
  '#7474df',
  '#5b5bd6',
  '#4f4fc4',
  '#4343a8',
  '#37378a',
]

const night: MantineColorsTuple = [
  '#e4e6eb',
  '#b7bcc6',
  '#979ead',
  '#6c7382',
  '#3b404c',
  '#2a2e38',
  '#1f222a',
  '#17191f',
  '#121419',
  '#0d0e12',
]

const small = { defaultProps: { size: 'sm' } }

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 6, dark: 6 },
  colors: { iris, dark: night },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '620' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  defaultRadius: 6,
  cursorType: 'pointer',
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' }, styles: { label: { fontWeight: 550 } } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Badge: Badge.extend({
      defaultProps: { variant: 'light', radius: 'sm' },
      styles: { root: { textTransform: 'none', fontWeight: 550 } },
    }),
    TextInput: TextInput.extend(small),
    PasswordInput: PasswordInput.extend(small),
    NumberInput: NumberInput.extend(small),
    Select: Select.extend({ defaultProps: { size: 'sm', comboboxProps: { shadow: 'md' } } }),
    SegmentedControl: SegmentedControl.extend(small),
    Switch: Switch.extend(small),
    Tabs: Tabs.extend({ styles: { tab: { fontWeight: 550 } } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.4 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
      styles: { title: { fontWeight: 620, fontSize: 16 } },
    }),
    Drawer: Drawer.extend({
      defaultProps: {
        overlayProps: { backgroundOpacity: 0.25 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
      styles: { title: { fontWeight: 620, fontSize: 16 } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, multiline: true, maw: 320, withArrow: true } }),
  },
})
