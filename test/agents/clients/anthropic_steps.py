"""Does what standard input says with Anthropic's client, and prints what it got, one JSON object a line."""

from anthropic import Anthropic
from steps import do_steps


def client_for(url, key):
    client = Anthropic(base_url=url + "/anthropic", api_key=key)

    def of_message(message):
        used = message.usage
        return {
            "text": "".join(getattr(block, "text", "") for block in message.content),
            "finish": message.stop_reason,
            "tokens": used.input_tokens + used.cache_read_input_tokens + used.output_tokens,
        }

    def raw(step):
        text = ""
        for event in client.messages.create(max_tokens=1024, **step["body"], stream=True):
            if event.type == "content_block_delta":
                text += getattr(event.delta, "text", "")
        return {"text": text}

    def helper(step):
        with client.messages.stream(max_tokens=1024, **step["body"]) as stream:
            return of_message(stream.get_final_message())

    return {
        "messages": lambda step: of_message(client.messages.create(max_tokens=1024, **step["body"])),
        "messages, raw stream": raw,
        "messages, helper": helper,
        "count tokens": lambda step: {"tokens": client.messages.count_tokens(**step["body"]).input_tokens},
        "models": lambda step: {"ids": [model.id for model in client.models.list()]},
    }


do_steps(client_for)
