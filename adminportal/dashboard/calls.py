"""The API call that does what a page does, as text to copy: curl, Python and JavaScript.

No text ever holds a secret: it reads the key, or the dashboard token, from a variable of the environment.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings

from wearlink.lib.api.callers import API_KEY, DASHBOARD, KEY_HEADER

KEY_VARIABLE: Final = "WEARLINK_API_KEY"
FILE_FIELD: Final = "file"
TOKEN_VARIABLE: Final = "WEARLINK_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class CallText:
    """The call in one language."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of the API. `path` begins behind the base address: ``/api/v1/users``; `body` is sent as JSON.

    caller: API_KEY, or DASHBOARD where the endpoint wants a developer's token. file: the name of one that is sent as
    the field `file` of multipart/form-data, with the other fields of `form`.
    """

    method: str
    path: str
    title: str
    body: Any = None
    query: Mapping[str, str] | None = None
    caller: str = API_KEY
    file: str = ""
    form: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        """Unlike that of any other call of a page, for ids in HTML."""
        words = "".join(char if char.isalnum() else "-" for char in f"{self.method}{self.path}".lower())
        return f"call-{words}"

    @property
    def url(self) -> str:
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{settings.BASE_URL}{self.path}{query}"

    @property
    def variable(self) -> str:
        """The variable of the environment that holds the caller's secret."""
        return TOKEN_VARIABLE if self.caller == DASHBOARD else KEY_VARIABLE

    @property
    def texts(self) -> list[CallText]:
        return [CallText("curl", self.curl()), CallText("Python", self.python()), CallText("JavaScript", self.script())]

    def curl(self) -> str:
        header, scheme = _header(self.caller)
        lines = [f"curl{'' if self.method == 'GET' else f' -X {self.method}'} {shlex.quote(self.url)}"]
        lines.append(f'-H "{header}: {scheme}${self.variable}"')
        if self.body is not None:
            lines.append("-H 'Content-Type: application/json'")
            lines.append(f"-d {shlex.quote(json.dumps(self.body, indent=2, ensure_ascii=False))}")
        if self.file:
            lines += [f"-F {shlex.quote(f'{name}={value}')}" for name, value in self._sent_with_file("@")]
        return " \\\n  ".join(lines)

    def python(self) -> str:
        header, scheme = _header(self.caller)
        secret = f'os.environ["{self.variable}"]'
        value = f'f"{scheme}{{{secret}}}"'.replace('["', "['").replace('"]', "']") if scheme else secret
        arguments = [json.dumps(self.url), f'headers={{"{header}": {value}}}']
        if self.body is not None:
            arguments.append(f"json={_python(self.body, 1)}")
        if self.file:
            arguments.append(f'files={{"{FILE_FIELD}": open({json.dumps(self.file)}, "rb")}}')
        if self.file and self.form:
            arguments.append(f"data={_python(self.form, 1)}")
        arguments.append("timeout=30")
        lines = "".join(f"    {argument},\n" for argument in arguments)
        return (
            f"import os\n\nimport requests\n\nresponse = requests.{self.method.lower()}(\n{lines})\n"
            "response.raise_for_status()\nprint(response.status_code, response.text)"
        )

    def script(self) -> str:
        """Return an ES module that calls by fetch."""
        header, scheme = _header(self.caller)
        secret = f"process.env.{self.variable}"
        headers = [f'"{header}": ' + (f"`{scheme}${{{secret}}}`" if scheme else secret)]
        options = [f'method: "{self.method}"']
        if self.body is not None:
            headers.append('"Content-Type": "application/json"')
        options.append("headers: {\n" + "".join(f"    {one},\n" for one in headers) + "  }")
        if self.body is not None:
            body = json.dumps(self.body, indent=2, ensure_ascii=False).replace("\n", "\n  ")
            options.append(f"body: JSON.stringify({body})")
        if self.file:
            options.append("body: form")
        lines = "".join(f"  {one},\n" for one in options)
        return (
            f"{self._script_of_form()}const response = await fetch({json.dumps(self.url)}, {{\n{lines}}});\n"
            "if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);\n"
            "console.log(response.status, await response.text());"
        )

    def _script_of_form(self) -> str:
        """Return what reads the file, before the call."""
        if not self.file:
            return ""
        name = json.dumps(self.file)
        lines = [
            'import { readFile } from "node:fs/promises";\n',
            "const form = new FormData();",
            f'form.append("{FILE_FIELD}", new Blob([await readFile({name})]), {name});',
        ]
        pairs = (self.form or {}).items()
        lines += [f"form.append({json.dumps(key)}, {json.dumps(one, ensure_ascii=False)});" for key, one in pairs]
        return "\n".join(lines) + "\n"

    def _sent_with_file(self, mark: str) -> list[tuple[str, str]]:
        return [(FILE_FIELD, f"{mark}{self.file}"), *(self.form or {}).items()]


def _header(caller: str) -> tuple[str, str]:
    """Return the header that names the caller, and the text before the secret in it."""
    return ("Authorization", "Bearer ") if caller == DASHBOARD else (KEY_HEADER, "")


def _python(value: Any, depth: int) -> str:
    """Return a literal of Python. JSON's strings are that too, as long as what is not ASCII stays as it is."""
    if value is None or isinstance(value, bool):
        return repr(value)
    inner, outer = "    " * (depth + 1), "    " * depth
    if isinstance(value, Mapping) and value:
        lines = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_python(one, depth + 1)},\n" for key, one in value.items()
        ]
        return f"{{\n{''.join(lines)}{outer}}}"
    if isinstance(value, list) and value:
        return f"[\n{''.join(f'{inner}{_python(one, depth + 1)},{chr(10)}' for one in value)}{outer}]"
    return json.dumps(value, ensure_ascii=False)
