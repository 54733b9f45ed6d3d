import type {Backend} from 'clinvk-kit/contract'
import {plan} from './plan.js'
import {reader} from './reader.js'
import {settle} from './settle.js'
import {stopSignal} from './stop-signal.js'

export default {plan, reader, settle, stopSignal} satisfies Backend
