// `@oclif/core` in the bundle: what its index exports, each part loaded when it is used. The index itself loads
// all, and a package that compares versions, only to warn of an old Node.
const parts = {
  Args: () => require('@oclif/core/args'),
  Command: () => require('@oclif/core/command').Command,
  CommandHelp: () => require('@oclif/core/help').CommandHelp,
  Config: () => require('@oclif/core/config').Config,
  Errors: () => require('@oclif/core/errors'),
  Flags: () => require('@oclif/core/flags'),
  Help: () => require('@oclif/core/help').Help,
  HelpBase: () => require('@oclif/core/help').HelpBase,
  Interfaces: () => require('@oclif/core/interfaces'),
  Parser: () => require('@oclif/core/parser'),
  Performance: () => require('@oclif/core/performance').Performance,
  Plugin: () => require('@oclif/core/config').Plugin,
  execute: () => require('@oclif/core/execute').execute,
  flush: () => require('@oclif/core/flush').flush,
  getLogger: () => require('@oclif/core/logger').getLogger,
  handle: () => require('@oclif/core/handle').handle,
  loadHelpClass: () => require('@oclif/core/help').loadHelpClass,
  run: () => require('@oclif/core/run').run,
  settings: () => require('@oclif/core/settings').settings,
  toConfiguredId: () => require('@oclif/core/util/ids').toConfiguredId,
  toStandardizedId: () => require('@oclif/core/util/ids').toStandardizedId,
  ux: () => require('@oclif/core/ux').ux,
}
for (const [name, get] of Object.entries(parts)) Object.defineProperty(exports, name, {enumerable: true, get})
