"""Shapes of channels and their accounts."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Length, OneOf, Range, Regexp

from chassis.http.parsing import StrictSchema, Text
from chassis.i18n import LOCALES
from services.notify.channels import dingtalk, wecom
from services.notify.channels.providers import PROVIDERS

_NAME = Regexp(r"[A-Za-z][A-Za-z0-9_]{0,59}\Z", error="wrong_type")
_HOST = Regexp(r"[A-Za-z0-9.:-]{1,253}\Z", error="wrong_type")


def _word(max: int = 100, **more: Any) -> Text:
    """A text that a provider gives: ASCII without blanks, because some of them stand in headers."""
    return Text(max=max, min=1, validate=Regexp(r"[!-~]+\Z", error="wrong_type"), **more)


class ParameterSchema(StrictSchema):
    """One parameter of a registered text: its name there, and what stands in it, with `{name}` places."""

    name = Text(max=60, required=True, validate=_NAME)
    value = Text(max=500, min=1, required=True)


class RegisteredSchema(StrictSchema):
    """A text that is registered at an SMS provider, for one of our templates; `message` stands for all others."""

    template = Text(max=60, required=True, validate=Regexp(r"[a-z][a-z0-9_]*\Z", error="wrong_type"))
    locale = fields.String(load_default=None, allow_none=True, validate=OneOf(LOCALES))
    code = _word(required=True)
    params = fields.List(fields.Nested(ParameterSchema), load_default=list, validate=Length(max=20))


class _Proxied(StrictSchema):
    host = Text(max=253, load_default=None, allow_none=True, validate=_HOST, metadata={
        "description": "name of the provider that is signed, when the address is that of a proxy"})


class _Registered(_Proxied):
    sign_name = Text(max=100, min=1, required=True)
    templates = fields.List(fields.Nested(RegisteredSchema), load_default=list, validate=Length(max=200))


class GatewaySettings(StrictSchema):
    """Nothing beside address and secret."""


class AliyunSettings(_Registered):
    """Alibaba Cloud SMS."""

    access_key_id = _word(required=True)


class TencentSettings(_Registered):
    """Tencent Cloud SMS."""

    secret_id = _word(required=True)
    sdk_app_id = _word(required=True)
    region = _word(max=40, load_default="ap-guangzhou")


_AGENT = Regexp(r"[0-9]{1,18}\Z", error="wrong_type")


class WecomSettings(StrictSchema):
    """An application of the company's own at WeCom."""

    corp_id = _word(required=True)
    agent_id = Text(max=18, required=True, validate=_AGENT)
    form = fields.String(load_default="textcard", validate=OneOf(wecom.FORMS))


class DingtalkSettings(StrictSchema):
    """An application of the company's own at DingTalk."""

    app_key = _word(required=True)
    agent_id = Text(max=18, required=True, validate=_AGENT)
    form = fields.String(load_default="action_card", validate=OneOf(dingtalk.FORMS))


SETTINGS: dict[str, type[Schema]] = {
    "gateway": GatewaySettings, "aliyun": AliyunSettings, "tencent": TencentSettings,
    "wecom": WecomSettings, "dingtalk": DingtalkSettings}


class AccountBodySchema(StrictSchema):
    """An account as a whole."""

    provider = fields.String(required=True, validate=OneOf(sorted(PROVIDERS)))
    address = Text(max=1000, min=1, load_default=None, allow_none=True, metadata={
        "description": "null: where the provider itself is; else a proxy, or the gateway"})
    settings = fields.Dict(load_default=dict, metadata={"description": "what the provider needs, by its name"})
    secret = Text(max=500, min=1, load_default=None, allow_none=True, metadata={
        "description": "null: it stays; another provider or address needs it again"})
    per_second = fields.Integer(load_default=20, validate=Range(1, 1000))
    active = fields.Boolean(load_default=True)

    @validates_schema
    def _read_settings(self, data: dict[str, Any], **_: Any) -> None:
        try:
            data["settings"] = SETTINGS[data["provider"]]().load(data["settings"])
        except ValidationError as error:
            raise ValidationError({"settings": error.messages}) from error


class ChannelSchema(Schema):
    """A channel, its account and how it goes; `said` is what the provider said when it failed last."""

    channel = fields.String(required=True)
    provider = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    settings = fields.Dict(required=True)
    per_second = fields.Integer(required=True, allow_none=True)
    active = fields.Boolean(required=True)
    failures = fields.Integer(required=True, metadata={"description": "in a row, that are the provider's fault"})
    said = fields.String(required=True, allow_none=True)
    paused_until = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ChannelListSchema(Schema):
    """All channels that can have an account."""

    items = fields.List(fields.Nested(ChannelSchema), required=True)


class TriedChannelSchema(Schema):
    """What came of a test."""

    works = fields.Boolean(required=True)
    outcome = fields.String(required=True, metadata={
        "description": "sent, undeliverable, refused, unavailable, uncertain"})
    said = fields.String(required=True)


class AddressBodySchema(StrictSchema):
    """Where a person is found; null forgets it."""

    address = Text(max=100, required=True, allow_none=True)


class WaySchema(Schema):
    """One channel for one person: whether the company has it, and where he is found."""

    channel = fields.String(required=True)
    on = fields.Boolean(required=True)
    address = fields.String(required=True, allow_none=True)
    own = fields.Boolean(required=True, metadata={"description": "whether he may change the address himself"})


class WaysSchema(Schema):
    """All outside channels for one person."""

    items = fields.List(fields.Nested(WaySchema), required=True)


class PersonAddressSchema(Schema):
    """Where somebody is found on a channel."""

    user_id = fields.String(required=True)
    user_name = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    address = fields.String(required=True)
    origin = fields.String(required=True, metadata={"description": "person, administrator, contacts"})
    updated_at = fields.String(required=True)
