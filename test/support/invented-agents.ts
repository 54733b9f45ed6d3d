import {chmodSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {UserOfAgents} from './agent-user.js'
import {CliUser} from './cli-user.js'
import {type BackendPlugin, linkBackendPlugin} from './link-plugin.js'
import type {Finished, RunOptions, Words} from './sandbox.js'

/** A machine without any agent but those that a test invents: shell scripts, alone in PATH with Node. */
export class InventedAgents extends UserOfAgents {
  /** Whether its clinvk runs in this process, as that of a CliUser. */
  declare inProcess?: boolean

  protected override setUp(): void {
    super.setUp()
    this.env.PATH = this.directory('bin')
    symlinkSync(process.execPath, join(this.env.PATH, 'node'))
  }

  override async clinvk(words: Words, options?: RunOptions): Promise<Finished> {
    return this.inProcess ? CliUser.prototype.clinvk.call(this, words, options) : super.clinvk(words, options)
  }

  /** Puts a program into PATH. */
  install(name: string, script: string): string {
    const path = this.write(`bin/${name}`, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`)
    chmodSync(path, 0o755)
    return path
  }

  /** A claude of this version, signed in or not. */
  installClaude({signedIn = true, version = '2.1.197'}: {signedIn?: boolean; version?: string} = {}): string {
    const status = JSON.stringify({loggedIn: signedIn, authMethod: 'claude.ai', email: 'ada@example.org'})
    return this.install(
      'claude',
      `case "$1" in auth) echo '${status}' ;; *) echo '${version} (Claude Code)' ;; esac`,
    )
  }

  /** Links a plugin with one backend, whose module has this code. */
  linkBackend(name: string, code: string, {descriptor, ...more}: BackendPlugin = {}): void {
    linkBackendPlugin(this, name, code, {descriptor: {title: name, ...descriptor}, ...more})
  }

  /** Links the package in this directory. */
  async linkPackage(directory: string): Promise<void> {
    const {code: exit, stderr} = await this.clinvk(['plugins', 'link', directory, '--yes'])
    if (exit !== 0) throw new Error(stderr)
  }
}
