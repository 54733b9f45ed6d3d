// What every command loads. Each layer is one file, which loads faster than fifty; bundle.js makes them.
import '../../src/run-process.ts'
import '../../src/commands/version.ts'
import '@oclif/core/args'
import '../../plugins/kit/src/hooks/run-hook.ts'
