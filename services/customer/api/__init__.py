"""The REST surface: one module with a blueprint per noun."""

from services.customer.api.boards import boards
from services.customer.api.bulk_jobs import bulk_jobs
from services.customer.api.currencies import currencies
from services.customer.api.duplicates import duplicates
from services.customer.api.exports import exports
from services.customer.api.files import files
from services.customer.api.formulas import formulas
from services.customer.api.handovers import handovers
from services.customer.api.history import history
from services.customer.api.import_uploads import import_uploads
from services.customer.api.imports import imports
from services.customer.api.judging import judging
from services.customer.api.layouts import layouts
from services.customer.api.lines import lines
from services.customer.api.merges import merges
from services.customer.api.object_groups import object_groups
from services.customer.api.objects import objects
from services.customer.api.pools import pools
from services.customer.api.privacy import privacy
from services.customer.api.recipients import recipients
from services.customer.api.records import records
from services.customer.api.replays import replays
from services.customer.api.retention import retention
from services.customer.api.search import search
from services.customer.api.seeing import seeing
from services.customer.api.segments import segments
from services.customer.api.sharing import sharing
from services.customer.api.stages import stages
from services.customer.api.surveys import surveys
from services.customer.api.tags import tags
from services.customer.api.views import object_views, views
from services.customer.api.web_forms import web_forms

BLUEPRINTS = (objects, layouts, web_forms, surveys, records, recipients, judging, seeing, replays, lines, imports,
              import_uploads, exports, files, search, duplicates, merges, formulas, sharing, history, segments, tags,
              object_views, views, boards, bulk_jobs, privacy, retention, object_groups, pools, handovers, stages,
              currencies)

__all__ = ["BLUEPRINTS"]
