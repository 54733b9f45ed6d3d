// What the most frequent commands run: bundle.js makes one file of it.
import '../src/run-process.ts'
import '../src/completion/complete.ts'
import '../plugins/sessions/src/commands/sessions/list.ts'
import './wsl-utils.js'
