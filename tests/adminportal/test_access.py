"""For everybody but administrators there is no /admin: same words, same headers as for a path that is no route."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, Developer, EndUser
from adminportal.models import Announcement
from adminportal.urls import urlpatterns
from tests import factories

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"
PUBLIC = {"contact", "admin/announcements/active"}
POSTED = ("superuser", "lock", "unlock", "mark-refunded", "run", "resolve", "publish", "dismiss")


def routes() -> list[tuple[str, str]]:
    """Method and path of each hidden endpoint, with ids that nobody has."""
    found = []
    for route in urlpatterns:
        text = str(route.pattern)
        if text in PUBLIC:
            continue
        for name in ("developer_id", "user_id", "invoice_id", "ticket_id", "announcement_id"):
            text = text.replace(f"<str:{name}>", str(uuid.uuid4()))
        method = "post" if text.endswith(POSTED) else "get"
        found.append((method, f"{ROOT}/{text.replace('<str:job_name>', 'roll up usage')}"))
    return found


def plain(answer: Any) -> dict[str, str]:
    """Return the headers, without the count of calls and the request's own id."""
    own = ("X-RateLimit-", "X-Request-ID")
    return {name: value for name, value in answer.headers.items() if not name.startswith(own)}


def test_there_is_nothing_for_anybody_else(alice: Developer, jane: EndUser) -> None:
    reviewer = factories.developer(factories.organization("Reviews"), "Rita", is_reviewer=True)
    wrong = APIClient()
    wrong.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    strangers = {
        "nobody": APIClient(),
        "nonsense": wrong,
        "key": factories.key_client(alice),
        "developer": factories.dashboard_client(alice),
        "phone": factories.sdk_client(jane),
        "reviewer": factories.dashboard_client(reviewer),
    }
    assert len(routes()) == 23
    for who, client in strangers.items():
        nowhere = client.get(f"{ROOT}/admin/no-such-thing")
        for method, path in routes():
            answer = getattr(client, method)(path, {}, format="json")
            assert answer.status_code == 404, (who, path)
            body, expected = answer.json(), nowhere.json()
            assert body | {"request_id": ""} == expected | {"request_id": ""}, (who, path)
            assert plain(answer) == plain(nowhere), (who, path)
            assert client.options(path).status_code == 404, (who, path)
    assert not AuditEntry.objects.filter(action__startswith="developer.").exists()
    assert not Announcement.objects.exists()


def test_an_administrator_is_let_in_and_told_of_wrong_parameters(admins: APIClient) -> None:
    for method, path in routes():
        if method == "get" and path.count("-") < 4:
            assert admins.get(path).status_code == 200, path
    refused = admins.get(f"{ROOT}/admin/developers?pan=hobby")
    assert refused.status_code == 400
    assert refused.json()["errors"] == [{"field": "pan", "message": "unknown query parameter. Did you mean plan?"}]


def test_rights_that_were_withdrawn_end_at_once(admin: Developer, admins: APIClient) -> None:
    assert admins.get(f"{ROOT}/admin/overview").status_code == 200
    Developer.objects.filter(pk=admin.pk).update(is_superuser=False)
    assert admins.get(f"{ROOT}/admin/overview").status_code == 404
