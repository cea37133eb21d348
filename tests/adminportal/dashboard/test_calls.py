"""The texts of a call do, run as they stand, what the page says."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from accounts.models import EndUser, Organization
from accounts.webhooks.models import Endpoint
from adminportal.dashboard.calls import ApiCall
from tests import factories
from wearlink.lib.api.callers import DASHBOARD

pytestmark = pytest.mark.django_db(transaction=True)
AWKWARD = 'It\'s "quoted" with $HOME, `ticks`, \\n and é 😀'
RUNNERS = {
    "curl": lambda text: ["bash", "-c", text.replace("curl ", "curl --silent --show-error --fail ", 1)],
    "Python": lambda text: [sys.executable, "-c", text],
    "JavaScript": lambda text: ["node", "--input-type=module", "-e", text],
}
LANGUAGES = ["curl", "Python", pytest.param("JavaScript", marks=pytest.mark.npm)]


def run(call: ApiCall, language: str, **variables: str) -> str:
    """Run the text in that language; what it printed."""
    (text,) = [one.text for one in call.texts if one.language == language]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    done = subprocess.run(
        RUNNERS[language](text), env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def alpha(live_server: Any, settings: Any) -> Organization:
    """A tenant of a server that answers."""
    settings.BASE_URL = live_server.url
    return factories.alice().organization


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_creates_an_endpoint_however_awkward_its_words_are(alpha: Organization, language: str) -> None:
    body = {
        "url": "https://hooks.example.com/in",
        "description": AWKWARD,
        "filter_types": ["workout.*"],
        "user_id": None,
    }
    call = ApiCall("POST", "/api/v1/webhooks/endpoints", "create an endpoint", body)
    answer = run(call, language, WEARLINK_API_KEY=factories.api_key(alpha))
    made = Endpoint.objects.get()
    assert (made.description, made.filter_types, made.user_id) == (AWKWARD, ["workout.*"], None)
    assert made.id in answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_reads_a_list_with_its_filters(alpha: Organization, language: str) -> None:
    jane = factories.end_user(alpha, email="jane+1@example.com")
    factories.end_user(alpha, email="joe@example.com")
    call = ApiCall("GET", "/api/v1/users", "find a user", query={"email": "jane+1@example.com"})
    answer = run(call, language, WEARLINK_API_KEY=factories.api_key(alpha))
    found = json.loads(answer[answer.index("{") :])["data"]
    assert [one["id"] for one in found] == [str(jane.id)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_with_a_dashboard_token_changes_the_organization(alpha: Organization, language: str) -> None:
    owner = alpha.developers.get()
    token = factories.dashboard_client(owner)._credentials["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    call = ApiCall("PATCH", "/api/v1/organization", "change it", {"name": "Beta"}, caller=DASHBOARD)
    run(call, language, WEARLINK_TOKEN=token)
    alpha.refresh_from_db()
    assert alpha.name == "Beta"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_of_a_deletion_needs_no_body(alpha: Organization, language: str) -> None:
    jane = factories.end_user(alpha)
    call = ApiCall("DELETE", f"/api/v1/users/{jane.id}", "delete a user")
    run(call, language, WEARLINK_API_KEY=factories.api_key(alpha))
    assert not EndUser.objects.filter(id=jane.id).exists()


def test_no_text_holds_a_secret_and_names_on_a_page_do_not_clash() -> None:
    calls = [ApiCall("GET", "/api/v1/users", "a"), ApiCall("POST", "/api/v1/users", "b", {})]
    assert len({call.name for call in calls}) == 2
    for text in calls[1].texts:
        assert "sk-" not in text.text
        assert "WEARLINK_API_KEY" in text.text
