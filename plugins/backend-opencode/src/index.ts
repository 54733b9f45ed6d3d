import type {Backend} from 'clinvk-contract'
import {deleteCommand, forget, record} from './conversation.js'
import {interactive, plan} from './plan.js'
import {probe} from './probe.js'
import {reader} from './reader.js'

export default {plan, reader, interactive, record, forget, deleteCommand, probe} satisfies Backend
