"""Runs the Python samples of all pages in this one process: `driver.py plan.json directory`."""

import json
import sys
import traceback
from pathlib import Path
from typing import Any

import httpx

out = Path(sys.argv[2])
current = {"id": ""}
send = httpx.Client.send


def recorded(self: httpx.Client, request: httpx.Request, *, stream: bool = False, **options: Any) -> httpx.Response:
    """Send, and write down what came."""
    answer = send(self, request, stream=stream, **options)
    with (out / f"{current['id']}.statuses").open("a") as file:
        file.write(f"{answer.status_code}\n")
    (out / f"{current['id']}.body").write_bytes(b"" if stream else answer.content)
    return answer


httpx.Client.send = recorded  # type: ignore[method-assign]
for page in json.loads(Path(sys.argv[1]).read_text()):
    names: dict[str, Any] = {"__name__": page["page"]}
    for sample in page["samples"]:
        current["id"] = sample["id"]
        try:
            exec(compile(sample["code"], sample["id"], "exec"), names)  # noqa: S102 - samples of our own pages
            (out / f"{sample['id']}.done").touch()
        except Exception:  # noqa: BLE001 - whatever it was, it is written down
            (out / f"{sample['id']}.error").write_text(traceback.format_exc(limit=-4))
