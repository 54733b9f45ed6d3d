import {backendsOf} from 'clinvk-kit/backends/discover'
import {originHint} from 'clinvk-kit/backends/load-backend'
import {realPathOf} from 'clinvk-kit/files/read-file'
import type {Finding} from 'clinvk-kit/hooks/doctor'
import {lockFinding} from 'clinvk-kit/process/lock-finding'
import {pluginLock} from '../plugins/staging.js'
import {pluginProblems} from '../startup/load-config.js'
import type {DoctorContext} from './context.js'

/** Plugins: those that do not load, are made for another contract, or are hidden by another one. */
export async function pluginFindings(context: DoctorContext): Promise<Finding[]> {
  const {config} = context
  const {problems, shadowed} = await backendsOf(config)
  const own = config.getPluginsList().filter(({type}) => type !== 'core')
  const names = own.map(({name, version}) => `${name} ${version}`)
  const broken = (await context.statuses()).filter(({report}) => report.broken !== undefined)
  const ours: readonly unknown[] = config.pjson.oclif.plugins ?? []
  return [
    {state: 'ok', message: `your plugins: ${names.join(', ') || 'none'}`},
    ...unloaded(context),
    ...lockFinding(pluginLock(realPathOf(config.dataDir))),
    ...problems.map((message) => problem(message, 'Try: clinvk plugins update')),
    ...broken.map(({entry, report}) =>
      problem(report.broken!, originHint(entry), `Or remove it: clinvk plugins uninstall ${entry.plugin}`),
    ),
    ...shadowed.map(({by, name, plugin}) =>
      unwanted(`The backend ${name} of ${plugin} is not used: ${by} has one of that name.`, by),
    ),
    // Perhaps by an old link.
    ...own
      .filter(({name}) => ours.includes(name))
      .map(({name, root, version}) =>
        unwanted(`${name} ${version} in ${root} is used instead of the one that came with clinvk.`, name),
      ),
    ...own.flatMap(({commands, name}) => commands.flatMap(({id}) => hiddenCommand(id, name, context))),
  ]
}

function unloaded({config, env}: DoctorContext): Finding[] {
  if (env.CLINVK_NO_PLUGINS)
    return [{state: 'warning', message: 'Your plugins are switched off by CLINVK_NO_PLUGINS.'}]
  return pluginProblems(config).map(({hints, message}) => problem(message, ...hints))
}

/** Of two plugins with a command of the same name one cannot be used. */
function hiddenCommand(id: string, plugin: string, {config}: DoctorContext): Finding[] {
  const used = config.findCommand(id)?.pluginName
  if (used === plugin || used === undefined) return []
  const message = `The command ${id.replaceAll(':', ' ')} of ${plugin} is not used: ${used} has one of that name.`
  return [
    {state: 'warning', message, hints: [`If you do not need ${plugin}: clinvk plugins uninstall ${plugin}`]},
  ]
}

function problem(message: string, ...hints: readonly string[]): Finding {
  return {state: 'problem', message, hints}
}

function unwanted(message: string, plugin: string): Finding {
  return {state: 'warning', message, hints: [`If you do not want that: clinvk plugins uninstall ${plugin}`]}
}
