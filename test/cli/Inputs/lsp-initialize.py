"""Writes the messages of an editor that starts the language server and ends it again."""

import json
import sys

REQUESTS = ({"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
            {"id": 2, "method": "shutdown"}, {"method": "exit"})

for request in REQUESTS:
    body = json.dumps({"jsonrpc": "2.0", **request})
    sys.stdout.write(f"Content-Length: {len(body)}\r\n\r\n{body}")
