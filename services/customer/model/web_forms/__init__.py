"""Public forms: what a stranger may fill in without signing in, and what becomes of it.

`document` reads and checks a form as people design it; `inputs` says which fields can stand on one and reads what a
browser sends; `tokens` and `riddles` are the guard against machines.
"""

from services.customer.model.web_forms.document import DESCRIPTION, WebForm, read_web_form
from services.customer.model.web_forms.inputs import Submitted, is_public_type, read_submitted

__all__ = ["DESCRIPTION", "Submitted", "WebForm", "is_public_type", "read_submitted", "read_web_form"]
