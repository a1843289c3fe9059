"""Public pages: forms that anybody can open and send, as plain HTML without the console."""

from services.customer.api.public.views import serve_forms

__all__ = ["serve_forms"]
