"""Acme Ring, an invented vendor with everything the frame offers: PKCE, rotation, signed pushes, deletes, topics."""

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from healthdata.records import DailyRecord, Record, Rejected, Sample, SourceInfo
from providers.contract import (
    AppClient,
    Capabilities,
    CloudProvider,
    Context,
    Coverage,
    Credentials,
    HmacSignature,
    InboundRequest,
    Notification,
    NotReady,
    OAuth2,
    PartialFailure,
    Quota,
    RawDocument,
    Retraction,
    TopicSubscription,
    UnsupportedEvent,
    VendorClient,
    WebhookReply,
    Window,
    collect,
    read_json,
)
from providers.contract.clients import Params

SERIES = {"bpm": "heart_rate"}
SOURCE = SourceInfo(provider="acme", model="Ring 1", device_type="ring")


class AcmeEvent(msgspec.Struct):
    user: str
    kind: str
    action: str
    id: str = ""
    at: int = 0
    event_id: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")


class AcmeBatch(msgspec.Struct):
    events: list[AcmeEvent]


class AcmeDay(msgspec.Struct):
    id: str
    day: str
    steps: int | None = None
    bpm: list[tuple[int, float]] = []
    pending: bool = False


class AcmeDays(msgspec.Struct):
    data: list[AcmeDay]


class Acme(CloudProvider):
    slug = "acme"
    name = "Acme Ring"
    capabilities = Capabilities(pull=True, push=True, deletes=True, history_days=90)
    api_url = "https://api.acme.example"
    oauth = OAuth2(
        authorize_url="https://acme.example/oauth/authorize",
        token_url="https://acme.example/oauth/token",
        revoke_url="https://acme.example/oauth/revoke",
        scopes=("daily", "heartrate"),
        pkce=True,
        probe="/v1/me",
    )
    signature = HmacSignature(
        header="X-Acme-Signature", timestamp_header="X-Acme-Timestamp", message="{timestamp}.{body}"
    )
    coverage = Coverage(series=(*SERIES.values(), "steps"))
    topics = ("days",)
    window_days = 10

    def account_id(self, client: VendorClient) -> str:
        return str(client.get("/v1/me")["id"])

    def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
        yield from collect("days", client.pages("days", "/v1/days", window.as_params(), next_key="next"))
        yield from collect("extra", client.pages("extra", "/v1/extra", window.as_params(), next_key="next"))

    def quotas(self, headers: Mapping[str, str], status: int, now: float) -> tuple[Quota, ...]:
        if "x-limit" not in headers:
            return ()
        return (Quota("minute", int(headers["x-limit"]), int(headers["x-left"]), now + float(headers["x-reset"])),)

    def cost(self, limit: str, path: str, params: Params) -> int:
        """Acme counts the days of data that it hands out."""
        if limit != "days of data" or "start_date" not in params:
            return 1
        begin, end = (date.fromisoformat(str(params[name])[:10]) for name in ("start_date", "end_date"))
        return (end - begin).days + 1

    def handshake(self, inbound: InboundRequest, credentials: Credentials) -> WebhookReply | None:
        if inbound.method != "GET" or "challenge" not in inbound.query:
            return None
        if inbound.query.get("token") != credentials.verification_token:
            return WebhookReply(401)
        return WebhookReply.json(challenge=inbound.query["challenge"])

    def notifications(self, inbound: InboundRequest) -> Iterator[Notification]:
        many = inbound.body.startswith(b'{"events"')
        events = read_json(inbound.body, AcmeBatch).events if many else [read_json(inbound.body, AcmeEvent)]
        for event in events:
            yield self._notification(event)

    def _notification(self, event: AcmeEvent) -> Notification:
        if event.kind not in ("days", "day", "score", "user"):
            raise UnsupportedEvent(event.kind)
        return Notification(
            account=event.user,
            kind=event.kind,
            object_id=event.id,
            deleted=event.action == "delete",
            deauthorised=event.kind == "user" and event.action == "gone",
            at=event.at,
            event_id=event.event_id,
            body=bytes(event.data) or None,
        )

    def resolve(self, client: VendorClient, notification: Notification) -> Iterator[RawDocument]:
        answer = client.raw(f"/v1/days/{notification.object_id}")
        yield RawDocument("day", answer.body)
        if answer.json().get("pending"):
            raise NotReady("The day is still being computed.")

    def deleted_ids(self, notification: Notification) -> tuple[str, ...]:
        """A deleted score is named by its day, which stays."""
        return (f"{'score:' if notification.kind == 'score' else ''}{notification.object_id}",)

    def subscriptions(self, client: AppClient) -> list[TopicSubscription]:
        found = client.request("GET", "/v1/subscriptions", auth="basic").json()
        return [TopicSubscription(one["id"], one["topic"], one["url"], one["expires"]) for one in found]

    def subscribe(self, client: AppClient, topic: str, callback_url: str) -> TopicSubscription:
        body = {"topic": topic, "url": callback_url}
        made = client.request("POST", "/v1/subscriptions", json=body, auth="basic").json()
        return TopicSubscription(made["id"], topic, callback_url, made["expires"])

    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
        days = [read_json(body, AcmeDay)] if context.kind == "day" else read_json(body, AcmeDays).data
        for day in days:
            yield Retraction(day.id)
            if day.steps is not None:
                yield DailyRecord(SOURCE, "steps", date.fromisoformat(day.day), day.steps,
                                 external_id=day.id)  # fmt: skip
            for start, value in day.bpm:
                yield Sample(SOURCE, SERIES["bpm"], start, value)
