// What a prompt loads as well.
import './sessions.js'
import '../../src/commands/prompt.ts'
import '../../plugins/kit/src/backends/load-backend.ts'
import '../../plugins/sessions/src/hooks/turn-session.ts'
