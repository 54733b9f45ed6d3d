import type {Backend} from 'clinvk-kit/contract'
import {plan} from './plan.js'
import {reader} from './reader.js'

export default {plan, reader} satisfies Backend
