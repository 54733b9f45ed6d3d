// Does what standard input says with Anthropic's client, and prints what it got, one JSON object a line.
import Anthropic from '@anthropic-ai/sdk'
import {doSteps} from './steps.mjs'

const said = ({content, stop_reason: finish, usage}) => ({
  text: content.map(({text}) => text ?? '').join(''),
  finish,
  tokens: usage.input_tokens + usage.cache_read_input_tokens + usage.output_tokens,
})

await doSteps(({apiKey, url}) => {
  const client = new Anthropic({baseURL: `${url}/anthropic`, apiKey})
  return {
    messages: async ({body}) => said(await client.messages.create({max_tokens: 1024, ...body})),
    async 'messages, raw stream'({body}) {
      let text = ''
      for await (const event of await client.messages.create({max_tokens: 1024, ...body, stream: true}))
        if (event.type === 'content_block_delta') text += event.delta.text ?? ''
      return {text}
    },
    'messages, helper': async ({body}) =>
      said(await client.messages.stream({max_tokens: 1024, ...body}).finalMessage()),
    async 'count tokens'({body}) {
      const {input_tokens: tokens} = await client.messages.countTokens(body)
      return {tokens}
    },
    async models() {
      const ids = []
      for await (const {id} of client.models.list()) ids.push(id)
      return {ids}
    },
    async conversation({headers, model, prompts}) {
      let messages = []
      const texts = []
      for (const {keep = messages.length, text} of prompts) {
        messages = [...messages.slice(0, keep), {role: 'user', content: text}]
        const {content} = await client.messages.create({model, messages, max_tokens: 1024}, {headers})
        messages.push({role: 'assistant', content})
        texts.push(said({content, usage: {}}).text)
      }
      return {texts}
    },
  }
})
