// Does what standard input says with OpenAI's client, and prints what it got, one JSON object a line.
import OpenAI from 'openai'
import {doSteps} from './steps.mjs'

await doSteps(({apiKey, url}) => {
  const client = new OpenAI({baseURL: `${url}/openai/v1`, apiKey})
  return {
    async chat({body}) {
      const {choices, usage} = await client.chat.completions.create(body)
      return {text: choices[0].message.content, finish: choices[0].finish_reason, tokens: usage?.total_tokens}
    },
    async 'chat, raw stream'({body}) {
      let text = ''
      let tokens
      for await (const {choices, usage} of await client.chat.completions.create({
        ...body,
        stream: true,
        stream_options: {include_usage: true},
      })) {
        text += choices[0]?.delta.content ?? ''
        tokens = usage?.total_tokens ?? tokens
      }
      return {text, tokens}
    },
    async 'chat, helper'({body}) {
      const {choices, usage} = await client.chat.completions
        .stream({...body, stream_options: {include_usage: true}})
        .finalChatCompletion()
      return {text: choices[0].message.content, finish: choices[0].finish_reason, tokens: usage?.total_tokens}
    },
    async responses({body}) {
      const {id, output_text: text, status, usage} = await client.responses.create(body)
      return {text, finish: status, tokens: usage?.total_tokens, id}
    },
    async 'responses, raw stream'({body}) {
      let text = ''
      let last
      for await (const event of await client.responses.create({...body, stream: true})) {
        if (event.type === 'response.output_text.delta') text += event.delta
        last = event
      }
      return {
        text,
        finish: last.response.status,
        tokens: last.response.usage?.total_tokens,
      }
    },
    async 'responses, helper'({body}) {
      const {output_text: text, status, usage} = await client.responses.stream(body).finalResponse()
      return {text, finish: status, tokens: usage?.total_tokens}
    },
    async models() {
      const ids = []
      for await (const {id} of client.models.list()) ids.push(id)
      return {ids}
    },
    /** As chat programs do: all that was said is sent each time; \`keep\`: only so many messages of it. */
    async conversation({headers, model, prompts}) {
      let messages = []
      const texts = []
      for (const {keep = messages.length, text} of prompts) {
        messages = [...messages.slice(0, keep), {role: 'user', content: text}]
        const {choices} = await client.chat.completions.create({model, messages}, {headers})
        messages.push(choices[0].message)
        texts.push(choices[0].message.content)
      }
      return {texts}
    },
  }
})
