import type {Backend} from 'clinvk-contract'
import {forget} from './forget.js'
import {interactive, plan} from './plan.js'
import {probe} from './probe.js'
import {reader} from './reader.js'
import {record} from './record.js'

export default {plan, reader, interactive, record, forget, probe} satisfies Backend
