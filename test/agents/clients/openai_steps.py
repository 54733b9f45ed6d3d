"""Does what standard input says with OpenAI's client, and prints what it got, one JSON object a line."""

from openai import OpenAI
from steps import do_steps


def client_for(url, key):
    client = OpenAI(base_url=url + "/openai/v1", api_key=key)
    usage = {"stream_options": {"include_usage": True}}

    def of_chat(completion):
        choice = completion.choices[0]
        tokens = completion.usage and completion.usage.total_tokens
        return {"text": choice.message.content, "finish": choice.finish_reason, "tokens": tokens}

    def chat(step):
        return of_chat(client.chat.completions.create(**step["body"]))

    def chat_raw(step):
        text, tokens = "", None
        for chunk in client.chat.completions.create(**step["body"], **usage, stream=True):
            if chunk.choices:
                text += chunk.choices[0].delta.content or ""
            if chunk.usage:
                tokens = chunk.usage.total_tokens
        return {"text": text, "tokens": tokens}

    def chat_helper(step):
        with client.chat.completions.stream(**step["body"], **usage) as stream:
            return of_chat(stream.get_final_completion())

    def of_response(response):
        tokens = response.usage and response.usage.total_tokens
        return {"text": response.output_text, "finish": response.status, "tokens": tokens}

    def responses(step):
        return of_response(client.responses.create(**step["body"]))

    def responses_raw(step):
        text, last = "", None
        for event in client.responses.create(**step["body"], stream=True):
            if event.type == "response.output_text.delta":
                text += event.delta
            last = event
        return {**of_response(last.response), "text": text}

    def responses_helper(step):
        with client.responses.stream(**step["body"]) as stream:
            return of_response(stream.get_final_response())

    return {
        "chat": chat,
        "chat, raw stream": chat_raw,
        "chat, helper": chat_helper,
        "responses": responses,
        "responses, raw stream": responses_raw,
        "responses, helper": responses_helper,
        "models": lambda step: {"ids": [model.id for model in client.models.list()]},
    }


do_steps(client_for)
