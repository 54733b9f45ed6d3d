// `wsl-utils` in the bundle: oclif asks it at each start whether this is Windows below Linux, which is what another
// package knows. What the rest is for, PowerShell, takes what starts processes.
exports.powerShellPath = () => require('wsl-utils').powerShellPath()
Object.defineProperty(exports, 'isWsl', {enumerable: true, get: () => require('is-wsl').default})
