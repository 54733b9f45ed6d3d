import type {ClinvkCommand} from 'clinvk-kit/command'
import {table} from 'clinvk-kit/format/table'
import {pickRow} from 'clinvk-plugin-sessions/resolve/pick-row'
import {conversationsIn, describe} from './hits-text.js'
import type {Hit} from './query.js'

/** Lets the user pick a conversation, and then what to do with it. */
export async function chooseHit(hits: readonly Hit[], {config, io}: ClinvkCommand): Promise<unknown> {
  const conversations = conversationsIn(hits)
  const cells = conversations.map(([hit]) => describe(hit, io.now()))
  const columns = ['LAST SAID', 'BACKEND', 'DIRECTORY', 'TITLE/PROMPT'].map((title) => ({title, width: 0}))
  const picked = await pickRow(
    {
      message: 'Which conversation?',
      lines: (width) => table(columns, cells, width).trimEnd().split('\n'),
      placeholder: 'Type to filter',
      nothing: 'No conversation matches what is typed.',
      texts: cells.map((row) => row.join(' ')),
    },
    io,
  )
  if (picked === undefined) return CANCELLED
  const actions = ['Read it', 'Resume it']
  const action = await pickRow(
    {
      message: cells[picked]!.at(-1)!,
      lines: () => ['', ...actions],
      placeholder: '',
      nothing: '',
      texts: actions,
    },
    io,
  )
  if (action === undefined) return CANCELLED
  return config.runCommand(action === 0 ? 'sessions:log' : 'resume', [conversations[picked]![0].id])
}

/** As after Ctrl-C. */
const CANCELLED = 130
