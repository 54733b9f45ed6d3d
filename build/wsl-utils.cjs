// `wsl-utils` in the bundle: oclif asks it at each start whether this is Windows below Linux. Where nothing hints at
// that nobody looks further, and what starts PowerShell is not loaded.
const {existsSync} = require('node:fs')
const {release} = require('node:os')

exports.powerShellPath = () => require('wsl-utils').powerShellPath()
Object.defineProperty(exports, 'isWsl', {
  enumerable: true,
  get: () => (existsSync('/run/WSL') || /microsoft/i.test(release())) && require('is-wsl').default,
})
