import type {Backend} from 'clinvk-contract'
import {forget, record} from './conversation.js'
import {interactive, plan} from './plan.js'
import {probe} from './probe.js'
import {reader} from './reader.js'
import {settle, tidy} from './settle.js'

export default {plan, reader, settle, interactive, tidy, record, forget, probe} satisfies Backend
