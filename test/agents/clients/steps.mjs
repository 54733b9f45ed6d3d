import {text} from 'node:stream/consumers'

/** Does one step after the other, and prints what each gives, or the error that it throws. */
export async function doSteps(clientFor) {
  const {steps, ...place} = JSON.parse(await text(process.stdin))
  const client = clientFor(place)
  for (const step of steps) {
    const said = await client[step.do](step).catch((error) => ({
      error: error.name === 'Error' ? error.constructor.name : error.name,
      status: error.status ?? error.statusCode,
      message: error.error?.error?.message ?? error.message,
    }))
    console.log(JSON.stringify(said))
  }
}
