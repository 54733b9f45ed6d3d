import type {Turn} from 'clinvk-contract'
import {guardedDirectories} from './guarded-directories.js'

/**
 * After SIGINT codex tells the model of the interruption, but where a command may
 * write it leaves directories behind; after SIGTERM it does neither. The thread
 * can be resumed in both cases (seen with 0.169.0).
 */
export function stopSignal(turn: Turn): 'SIGINT' | 'SIGTERM' {
  return guardedDirectories(turn).length === 0 ? 'SIGINT' : 'SIGTERM'
}
