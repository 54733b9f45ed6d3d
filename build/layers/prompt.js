// What a prompt loads as well.
import './sessions.js'
import '../../src/commands/prompt.ts'
import '../../plugins/sessions/src/hooks/turn-session.ts'
