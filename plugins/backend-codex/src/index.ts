import type {Backend} from 'clinvk-contract'
import {deleteCommand, forget, record} from './conversation.js'
import {interactive, plan} from './plan.js'
import {probe} from './probe.js'
import {reader} from './reader.js'
import {stopSignal} from './sandbox-leftovers.js'
import {settle} from './settle.js'

export default {
  plan,
  reader,
  settle,
  stopSignal,
  interactive,
  record,
  deleteCommand,
  forget,
  probe,
} satisfies Backend
