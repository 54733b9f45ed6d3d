import {delimiter, dirname, join} from 'node:path'
import {ROOT} from '../sandbox.js'

/** The npm that clinvk itself installs plugins with. */
export const NPM = join(ROOT, 'node_modules/npm/bin/npm-cli.js')

/**
 * An environment in which npm reads no configuration but this one, keeps
 * everything below `home`, and reaches nothing but `registry`: any other host
 * would be asked for through a proxy that is not there.
 */
export function offlineNpm(home: string, registry = NOWHERE): Record<string, string> {
  return {
    HOME: home,
    PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    npm_config_registry: registry,
    npm_config_proxy: NOWHERE,
    npm_config_https_proxy: NOWHERE,
    npm_config_noproxy: '127.0.0.1',
    npm_config_fetch_retries: '0',
    npm_config_cache: join(home, 'npm-cache'),
    npm_config_userconfig: join(home, 'npmrc'),
    npm_config_globalconfig: join(home, 'global-npmrc'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  }
}

/** Port 9 discards what it gets, where anything listens there at all. */
const NOWHERE = 'http://127.0.0.1:9'
