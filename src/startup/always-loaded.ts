// What runs for every command, as a module without exports: see build/bundle.js.
import '../run-process.js'
