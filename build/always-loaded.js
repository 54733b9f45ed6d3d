// What the most frequent commands run: bundle.js makes one file of it.
import '../src/run-process.ts'
import '../src/completion/complete.ts'
import '../src/commands/prompt.ts'
import '../plugins/kit/src/backends/load-backend.ts'
import '../plugins/sessions/src/commands/sessions/list.ts'
import '../plugins/sessions/src/hooks/turn-session.ts'
import './wsl-utils.js'
