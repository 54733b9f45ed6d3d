// What a prompt runs besides: bundle.js makes one file of it.
import '../src/commands/prompt.ts'
import '../plugins/sessions/src/hooks/turn-session.ts'
import '../plugins/kit/src/backends/load-backend.ts'
