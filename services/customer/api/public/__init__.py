"""Public pages: forms that anybody can open and send, and surveys by link, as plain HTML without the console."""

from services.customer.api.public.surveys import serve_surveys
from services.customer.api.public.views import serve_forms

__all__ = ["serve_forms", "serve_surveys"]
