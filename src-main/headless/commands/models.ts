import type { Command } from 'commander'
import type { StartFlags } from '../cli/service-actions.ts'
import type { Ended } from './flags.ts'

/** Models, and the servers that they run on. */
export function addModelCommands(program: Command, ended: Ended): void {
  const models = program
    .command('models')
    .description('list the models that work can be sent to, and what is loaded')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean }) => ended(await (await import('../cli/models.ts')).models(flags)))
  models
    .command('pull')
    .description('have Ollama fetch a model')
    .argument('<model>', 'its name at ollama.com/library, such as llama3.2 or qwen3:8b')
    .option('--json', 'one JSON object per line')
    .action(async (model: string, _: unknown, command: Command) =>
      ended(
        await (await import('../cli/pull-model.ts')).pullModel(model, {
          json: command.optsWithGlobals<{ json?: boolean }>().json === true,
        }),
      ),
    )
  const services = program
    .command('services')
    .description('show how Ollama, ComfyUI and the providers are, and who has the graphics card')
    .option('--check', 'ask each of them now')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean; check?: boolean }) =>
      ended(await (await import('../cli/services.ts')).services(flags)),
    )
  services
    .command('restart')
    .description('restart a server that Baton has started, or start one that does not run')
    .argument('<name>', 'ollama, comfyui, lmstudio, llamacpp or vllm')
    .option('--consent', 'have a server that somebody else has started unload its models')
    .option('--json', 'one JSON object')
    .action(async (name: string, flags: { consent?: boolean }, command: Command) =>
      ended(
        await (await import('../cli/service-actions.ts')).restartService(name, {
          ...flags,
          json: command.optsWithGlobals<{ json?: boolean }>().json === true,
        }),
      ),
    )
  services
    .command('stop')
    .description('end a server that Baton has started')
    .argument('<name>')
    .option('--json', 'one JSON object')
    .action(async (name: string, _: unknown, command: Command) =>
      ended(
        await (await import('../cli/service-actions.ts')).stopService(name, {
          json: command.optsWithGlobals<{ json?: boolean }>().json === true,
        }),
      ),
    )
  services
    .command('log')
    .description('show the last lines of a server that Baton has started')
    .argument('<name>')
    .action(async (name: string) => ended(await (await import('../cli/service-actions.ts')).serviceLog(name)))
  services
    .command('start-with')
    .description('say how Baton starts a server: a program and its arguments, which no shell reads')
    .argument('<name>', 'ollama, comfyui, lmstudio, llamacpp or vllm')
    .argument('[command...]', 'such as: ollama serve; put -- before it where it has options')
    .option('--when <when>', 'by_hand, on_demand (without it) or at_start')
    .option('--folder <dir>', 'where it is started, absolute')
    .option('--none', 'do not start it any more')
    .action(async (name: string, words: string[], flags: StartFlags) =>
      ended(await (await import('../cli/service-actions.ts')).setStartCommand(name, words, flags)),
    )
}
