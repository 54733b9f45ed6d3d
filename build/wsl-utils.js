// In place of the package, which loads node:child_process to say at each start whether this is WSL.
const {release} = process.getBuiltinModule('node:os')
export const isWsl = process.platform === 'linux' && /microsoft/i.test(release())
// oclif asks for it on Windows alone, to see whether clinvk runs below PowerShell.
export const powerShellPath = () => 'powershell.exe'
