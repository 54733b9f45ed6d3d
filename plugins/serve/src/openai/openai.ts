import {chat, type Vendor} from '../conversation/vendor.js'
import {chatAnswer} from './chat-answer.js'
import {ChatCompletionBody, chatRequest} from './chat-request.js'
import {responsesAnswer} from './responses-answer.js'
import {ResponsesBody, responsesRequest} from './responses-request.js'

/** OpenAI's API: `/chat/completions`, `/responses`, `/models`. */
export const openai: Vendor = {
  posts: [
    {
      path: '/chat/completions',
      summary: 'Chat Completions of OpenAI.',
      body: ChatCompletionBody,
      streams: true,
      handle: chat(chatRequest, chatAnswer),
    },
    {
      path: '/responses',
      summary: 'Responses of OpenAI.',
      body: ResponsesBody,
      streams: true,
      handle: chat(responsesRequest, responsesAnswer),
    },
  ],
  model: (id, created) => ({
    id,
    object: 'model',
    created: Math.floor(created.getTime() / 1000),
    owned_by: 'clinvk',
  }),
  models: (data) => ({object: 'list', data}),
}
