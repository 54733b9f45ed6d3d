// What the most frequent commands run: build/bundle.js makes one file of it.
import '../completion/complete.js'
import '../run-process.js'
import '../../plugins/sessions/src/commands/sessions/list.js'
