import {Sandbox} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'

describe('plugins that listen', () => {
  scenes(new Sandbox({CLINVK_BACKEND: 'echo'}).forEachTest(), 'hooks')
})
