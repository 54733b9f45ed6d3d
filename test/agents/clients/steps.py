"""Does one step after the other, and prints what each gives, or the error that it raises, as JSON."""

import json
import sys


def do_steps(client_for):
    place = json.load(sys.stdin)
    client = client_for(place["url"], place["apiKey"])
    for step in place["steps"]:
        try:
            said = client[step["do"]](step)
        except Exception as error:
            said = {
                "error": type(error).__name__,
                "status": getattr(error, "status_code", None),
                "message": str(error),
            }
        print(json.dumps(said), flush=True)
