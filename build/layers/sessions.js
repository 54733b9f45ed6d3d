// What commands about sessions load as well, and prompts.
import '../../plugins/sessions/src/commands/sessions/list.ts'
