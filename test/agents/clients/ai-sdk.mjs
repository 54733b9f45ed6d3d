// Does what standard input says with the AI SDK, and prints what it got, one JSON object a line.
import {createOpenAICompatible} from '@ai-sdk/openai-compatible'
import {generateText, streamText} from 'ai'
import {doSteps} from './steps.mjs'

await doSteps(({apiKey, url}) => {
  const provider = createOpenAICompatible({
    name: 'clinvk',
    baseURL: `${url}/openai/v1`,
    apiKey,
    includeUsage: true,
  })
  const asked = ({body: {messages, model}}) => ({model: provider(model), messages})
  return {
    async chat(step) {
      const {finishReason: finish, text, usage} = await generateText(asked(step))
      return {text, finish, tokens: usage.totalTokens}
    },
    async 'chat, helper'(step) {
      let failure
      const result = streamText({...asked(step), onError: ({error}) => (failure = error)})
      let text = ''
      for await (const piece of result.textStream) text += piece
      if (failure) throw failure
      return {text, finish: await result.finishReason, tokens: (await result.usage).totalTokens}
    },
  }
})
