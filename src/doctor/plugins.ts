import {backendsOf} from 'clinvk-kit/backends/discover'
import {originHint} from 'clinvk-kit/backends/load-backend'
import type {Check, Finding} from 'clinvk-kit/hooks/doctor'
import {pluginProblems} from '../startup/load-config.js'
import type {DoctorContext} from './context.js'

/** Plugins: those that do not load, are made for another contract, or are hidden by another one. */
export function pluginsCheck(context: DoctorContext): Check {
  return {
    name: 'plugins',
    async run() {
      const {config} = context
      const {problems, shadowed} = backendsOf(config)
      const own = config.getPluginsList().filter(({type}) => type !== 'core')
      const names = own.map(({name, version}) => `${name} ${version}`)
      const broken = (await context.statuses()).filter(({report}) => report.broken !== undefined)
      const found: Finding[] = [
        ...unloaded(context),
        ...problems.map((message): Finding => ({state: 'problem', message, hints: [UPDATE]})),
        ...broken.map(({entry, report}): Finding => ({
          state: 'problem',
          message: report.broken!,
          hints: [originHint(entry), `Or remove it: clinvk plugins uninstall ${entry.plugin}`],
        })),
        ...shadowed.map(({by, name, plugin}): Finding => ({
          state: 'warning',
          message: `The backend ${name} of ${plugin} is not used: ${by} has one of that name.`,
          hints: [`If you do not want that: clinvk plugins uninstall ${by}`],
        })),
        ...replaced(context),
        ...hiddenCommands(context),
      ]
      const summary = `your plugins: ${names.length === 0 ? 'none' : names.join(', ')}`
      return [{state: 'ok', message: summary}, ...found]
    },
  }
}

/** Those that oclif could not load, or only partly. */
function unloaded({config, env}: DoctorContext): Finding[] {
  if (env.CLINVK_NO_PLUGINS)
    return [{state: 'warning', message: 'Your plugins are switched off by CLINVK_NO_PLUGINS.'}]
  return pluginProblems(config).map(({hints, message}) => ({state: 'problem', message, hints}))
}

/** Packages of the user that replace one that came with clinvk, perhaps by an old link. */
function replaced({config}: DoctorContext): Finding[] {
  const ours: readonly unknown[] = config.pjson.oclif.plugins ?? []
  return config.getPluginsList().flatMap(({name, root, type, version}): Finding[] =>
    type === 'core' || !ours.includes(name)
      ? []
      : [
          {
            state: 'warning',
            message: `${name} ${version} in ${root} is used instead of the one that came with clinvk.`,
            hints: [`If you do not want that: clinvk plugins uninstall ${name}`],
          },
        ],
  )
}

/** Two plugins with a command of the same name: one of them cannot be used. */
function hiddenCommands({config}: DoctorContext): Finding[] {
  const plugins = config.getPluginsList().filter(({type}) => type !== 'core')
  return plugins.flatMap(({commands, name}) =>
    commands.flatMap(({id}): Finding[] => {
      const used = config.findCommand(id)?.pluginName
      if (used === name || used === undefined) return []
      return [
        {
          state: 'warning',
          message: `The command ${id.replaceAll(':', ' ')} of ${name} is not used: ${used} has one of that name.`,
          hints: [`If you do not need ${name}: clinvk plugins uninstall ${name}`],
        },
      ]
    }),
  )
}

const UPDATE = 'Try: clinvk plugins update'
