import {chat, type Vendor} from '../conversation/vendor.js'
import {messagesAnswer} from './messages-answer.js'
import {CountTokensBody, estimateTokens, MessagesBody, messagesRequest} from './messages-request.js'

/** Anthropic's API: `/messages`, `/messages/count_tokens`, `/models`. */
export const anthropic: Vendor = {
  posts: [
    {
      path: '/messages',
      summary: 'Messages of Anthropic.',
      body: MessagesBody,
      streams: true,
      handle: chat(messagesRequest, messagesAnswer),
    },
    {
      path: '/messages/count_tokens',
      summary: 'Count Tokens of Anthropic: an estimate.',
      body: CountTokensBody,
      handle: (c, body) => c.json({input_tokens: estimateTokens(body)}, 200, {'x-clinvk-estimate': 'true'}),
    },
  ],
  model: (id, created) => ({type: 'model', id, display_name: id, created_at: created.toISOString()}),
  models: (data, ids) => ({data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null}),
}
