"""Checkpoints that both verifiers must refuse: the library and the one in one file."""

from __future__ import annotations

import base64

ROOT = base64.b64encode(bytes(31) + b"\x01").decode()
GOOD = f"a\n1\n{ROOT}\n\n"
_SIGNED = "\u2014 a " + base64.b64encode(bytes(68)).decode() + "\n"

BAD: dict[str, bytes] = {
    name: text.encode()
    for name, text in {
        "empty": "",
        "a word": "hello\n",
        "no origin": f"\n1\n{ROOT}\n\n",
        "a leading zero": f"a\n028\n{ROOT}\n\n",
        "a sign": f"a\n+1\n{ROOT}\n\n",
        "a blank before the size": f"a\n 1\n{ROOT}\n\n",
        "digits of another script": f"a\n\uff11\n{ROOT}\n\n",
        "an underline": f"a\n1_0\n{ROOT}\n\n",
        "a huge size": f"a\n{'9' * 20}\n{ROOT}\n\n",
        "a root with stray bits": f"a\n1\n{ROOT[:-2]}F=\n\n",
        "a root without padding": f"a\n1\n{ROOT[:-1]}\n\n",
        "a short root": "a\n1\nAAAA\n\n",
        "a control character in the origin": f"a\x07b\n1\n{ROOT}\n\n",
        "line ends of Windows": f"a\r\n1\r\n{ROOT}\r\n\r\n",
        "a blank line in the text": f"a\n\n1\n{ROOT}\n\n{_SIGNED}",
        "two blank lines": f"a\n1\n{ROOT}\n\n\n{_SIGNED}",
        "no line end": f"a\n1\n{ROOT}",
        "no line end after the signature": f"a\n1\n{ROOT}\n\n{_SIGNED[:-1]}",
        "a signature without a name": f"a\n1\n{ROOT}\n\n" + _SIGNED.replace(" a ", "  "),
        "a signature under no key name": f"a\n1\n{ROOT}\n\n" + _SIGNED.replace(" a ", " a+b "),
        "a signature with stray bits": f"a\n1\n{ROOT}\n\n" + _SIGNED.replace("A=\n", "B=\n"),
        "a short signature": f"a\n1\n{ROOT}\n\n\u2014 a AAAA\n",
        "a hyphen for the dash": f"a\n1\n{ROOT}\n\n" + _SIGNED.replace("\u2014", "-"),
    }.items()
} | {"no UTF-8": b"\xff\n1\n" + ROOT.encode() + b"\n\n"}

__all__ = ["BAD", "GOOD", "ROOT"]
