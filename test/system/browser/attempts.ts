/**
 * What a page tries (`url` is the server), as a script that returns what it reads of the answer; and what the server must
 * answer.
 */
// prettier-ignore
export const ATTEMPTS: readonly [what: string, script: string, answer: string][] = [
  ['fetch', `return read(url + '/api/v1/sessions')`, 'GET 403'],
  ['fetch with the token', `return read(url + '/api/v1/sessions', {headers: bearer})`, 'OPTIONS 403'],
  ['fetch with a prompt', `return read(url + '/api/v1/prompt', {method: 'POST', headers: json, body: prompt})`, 'OPTIONS 403'],
  ['fetch that deletes', `return read(url + '/api/v1/sessions/@last', {method: 'DELETE', headers: bearer})`, 'OPTIONS 403'],
  ['fetch of what needs no token', `return read(url + '/health')`, 'GET 403'],
  ['fetch without CORS', `return read(url + '/api/v1/sessions', {mode: 'no-cors', headers: bearer})`, 'GET 403'],
  ['a prompt as text, without CORS', `return read(url + '/api/v1/prompt', {method: 'POST', mode: 'no-cors', body: prompt})`, 'POST 403'],
  ['a prompt to the tools for agents', `return read(url + '/mcp', {method: 'POST', mode: 'no-cors', body: call})`, 'POST 403'],
  ['a form', form('application/x-www-form-urlencoded'), 'POST 403'],
  ['a form whose text is JSON', form('text/plain'), 'POST 403'],
  ['a form with files', form('multipart/form-data'), 'POST 403'],
  ['a beacon', `navigator.sendBeacon(url + '/api/v1/prompt', prompt); return ''`, 'POST 403'],
  ['a beacon of JSON', `navigator.sendBeacon(url + '/api/v1/prompt', new Blob([prompt], {type: 'application/json'})); return ''`, 'OPTIONS 403'],
  ['an event source', `return event(new EventSource(url + '/api/v1/sessions'))`, 'GET 403'],
  ['a web socket', `return event(new WebSocket(url.replace('http', 'ws') + '/api/v1/prompt'))`, 'GET 403'],
  ['an image', `return event(add('img', {src: url + '/api/v1/sessions'}))`, 'GET 403'],
  ['a script', `return event(add('script', {src: url + '/api/v1/sessions'}))`, 'GET 403'],
  ['a style sheet', `return event(add('link', {rel: 'stylesheet', href: url + '/api/v1/sessions'}))`, 'GET 403'],
  ['a frame', `return framed((frame) => (frame.src = url + '/api/v1/sessions'))`, 'GET 403'],
  ['a window', `const other = open(url + '/api/v1/sessions'); return inside(other)`, 'GET 403'],
  ['a frame without origin', inSandbox('{}'), 'GET 403'],
  ['a frame without origin, with the token', inSandbox('{headers: {"x-api-key": "TOKEN"}}'), 'OPTIONS 403'],
]

/** What the scripts have besides `url` and `token`. */
export const KNOWN = `
  const bearer = {authorization: 'Bearer ' + token}
  const json = {...bearer, 'content-type': 'application/json'}
  const prompt = JSON.stringify({prompt: 'hi'})
  const call = JSON.stringify({jsonrpc: '2.0', id: 1, method: 'tools/call', params: {name: 'ask', arguments: {prompt: 'hi'}}})
  const read = async (...asked) => (await fetch(...asked)).text()
  const post = (path, body) => fetch(url + path, {
    method: 'POST', headers: json, body: JSON.stringify(body),
  })
  const add = (name, fields) => document.body.appendChild(Object.assign(document.createElement(name), fields))
  // Nothing where it fails.
  const event = (source) => new Promise((resolve) => {
    source.onerror = () => resolve('')
    for (const name of ['load', 'message', 'open']) source.addEventListener(name, () => resolve(name))
  })
  // Throws once the window shows another site.
  const inside = async (other) => {
    while (other.location.href === 'about:blank') await new Promise((resolve) => setTimeout(resolve, 10))
    return other.document.body.innerText
  }
  const framed = (fill) => new Promise((resolve) => {
    const frame = add('iframe', {name: 'inside'})
    frame.onload = () => resolve(frame.contentDocument?.body.innerText ?? '')
    fill(frame)
  })`

function form(enctype: string): string {
  return `return framed((frame) => {
    const form = add('form', {action: url + '/api/v1/prompt', method: 'post', enctype: '${enctype}', target: frame.name})
    form.append(Object.assign(document.createElement('input'), {name: prompt.slice(0, -1) + ', "x": "', value: '"}'}))
    form.submit()
  })`
}

function inSandbox(init: string): string {
  return `return new Promise((read) => {
    onmessage = ({data}) => read(data)
    const script = 'fetch("' + url + '/api/v1/sessions", ' + ${JSON.stringify(init)} +
      ').then((answer) => answer.text()).catch(() => "").then((text) => parent.postMessage(text, "*"))'
    add('iframe', {sandbox: 'allow-scripts', srcdoc: '<script>' + script.replace('TOKEN', token) + '</script>'})
  })`
}
