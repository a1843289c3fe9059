"""Providers that want an access token: it is fetched with the secret, kept until it runs out, and renewed when one says
that it is not taken any more. Such a refusal says that nothing was done, so the call is made once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from chassis.jsonio import dump_bytes
from services.notify.channels.base import Account, Said, exchange
from services.notify.outcomes import Unavailable, Uncertain

_CODE = "errcode"  # every answer of these providers has it
_JSON = {"Content-Type": "application/json; charset=utf-8"}
STALE = ("40001", "40014", "42001", "41001")  # of a call; when the token itself is asked for, the secret is wrong


def called(account: Account, token_path: str, asked: Mapping[str, str], path: str,
           body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Make a call with a token; returns the code and the answer. Raises Unavailable when no token is to be had."""
    held = account.tokens.held()
    if held is not None:
        code, answer = _call(account, path, held, body)
        if code not in STALE:
            return code, answer
        account.tokens.drop(held)
    token = _fetched(account, token_path, asked)
    return _call(account, path, token, body)


def code_of(answer: Mapping[str, Any]) -> str:
    """Return the code of an answer; errors of the platform itself carry the true one in `sub_code`."""
    code = str(answer.get("errcode", "no answer"))
    return str(answer.get("sub_code") or code) if code == "88" else code


def _call(account: Account, path: str, token: str, body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    url = f"{account.address.rstrip('/')}{path}?{urlencode({'access_token': token})}"
    said: Said = exchange(account, "POST", url, dump_bytes(body), _JSON, _CODE)
    return code_of(said.json), said.json


def _fetched(account: Account, path: str, asked: Mapping[str, str]) -> str:
    try:
        url = f"{account.address.rstrip('/')}{path}?{urlencode(asked)}"
        answer = exchange(account, "GET", url, None, {}, _CODE).json
    except Uncertain as error:  # of the token, not of the message
        raise Unavailable("no answer when the token was asked for", trouble=True) from error
    token = answer.get("access_token")
    if code_of(answer) != "0" or not isinstance(token, str):
        raise Unavailable(f"{code_of(answer)}: {answer.get('errmsg', '')}"[:300], trouble=True)
    life = answer.get("expires_in")
    account.tokens.keep(token, life if isinstance(life, int) else 7200)
    return token
