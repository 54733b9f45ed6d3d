import type {Backend} from 'clinvk-kit/contract'
import {plan} from './plan.js'
import {reader} from './reader.js'
import {settle} from './settle.js'

export default {plan, reader, settle} satisfies Backend
