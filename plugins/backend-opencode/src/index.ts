import type {Backend} from 'clinvk-contract'
import {deleteCommand, forget} from './forget.js'
import {interactive} from './interactive.js'
import {plan} from './plan.js'
import {probe} from './probe.js'
import {reader} from './reader.js'
import {record} from './record.js'

export default {plan, reader, interactive, record, forget, deleteCommand, probe} satisfies Backend
