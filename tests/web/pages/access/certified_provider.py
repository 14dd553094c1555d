"""A certified OpenID provider in a process of its own, which shares no code with the program.

`identity_issuer` is made of the library that the program signs in with: what that library misreads, both misread.
It stands at `localhost` and the program at another name: for a browser those are two sites, as in life.
"""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin

import httpx2

from tests.conftest import MODULES, node

SCRIPT = Path(__file__).with_suffix(".mjs")
CLIENT, SECRET = "shuttle:bergen", "between + the 100%25 two: & ~"
"""RFC 6749 2.3.1 wants both encoded before they are put together: every one of these signs tells whether they were."""
HIGH, SUBSTANTIAL = "idporten-loa-high", "idporten-loa-substantial"
PEOPLE: dict[str, dict[str, Any]] = {
    "kari": {
        "acr": HIGH,
        "oid": "object-of-kari",
        "pid": "01017012345",
        "name": "Kari 01017012345",
        "groups": ["desk"],
    },
    "ola": {"acr": SUBSTANTIAL, "oid": "object-of-ola", "pid": "02026912345", "name": "Ola", "groups": []},
}


class CertifiedProvider:
    """`issuer` is its address. It knows PEOPLE, who sign in with any password, and the client that `knows` says."""

    def __init__(self, process_output: IO[str], process_input: IO[str]) -> None:
        self._output, self._input = process_output, process_input
        self._line = ""
        self.issuer = self._output.readline().strip()
        assert self.issuer.startswith("http://localhost:"), f"the provider did not start: {self.issuer!r}"

    def knows(
        self,
        program: str,
        method: str = "client_secret_basic",
        algorithm: str = "RS256",
        methods: Sequence[str] = ("client_secret_basic", "client_secret_post"),
    ) -> None:
        """The program at this address is its client, and proves itself by this method, one of those that are described."""
        client: dict[str, Any] = {
            "client_id": CLIENT,
            "client_secret": None if method == "none" else SECRET,
            "token_endpoint_auth_method": method,
            "id_token_signed_response_alg": algorithm,
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": [f"{program}/login/provider/return"],
            "post_logout_redirect_uris": [f"{program}/"],
        }
        registration = {name: value for name, value in client.items() if value is not None}
        line = json.dumps({"client": registration, "methods": [*methods], "people": PEOPLE})
        if line != self._line:
            self._line = line
            self.takes_new_keys()

    def takes_new_keys(self) -> None:
        """Signs with new keys from now on, and shows the old ones to nobody."""
        print(self._line, file=self._input, flush=True)
        assert self._output.readline() == "ready\n", "the provider does not go by that configuration"


@contextmanager
def certified_provider() -> Iterator[CertifiedProvider]:
    command = [node("oidc-provider"), str(SCRIPT), str(MODULES / "oidc-provider" / "package.json")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield CertifiedProvider(process.stdout, process.stdin)
        finally:
            process.kill()


def signed_in_there(address: str, who: str, back: str) -> str:
    """Fills in the provider's forms as somebody without a browser; gives the address under `back` that it then sends to."""
    forms = iter([{"prompt": "login", "login": who, "password": "any"}, {"prompt": "consent"}])
    with httpx2.Client(trust_env=False) as person:
        answer = person.get(address)
        while True:
            while answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if address.startswith(back):
                    return address
                answer = person.get(address)
            form = re.search(r'action="([^"]+)"', answer.text)
            assert form is not None, answer.text
            answer = person.post(form[1], data=next(forms))
