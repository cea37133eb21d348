"""A stand-in for Razorpay's payment form: its script at one origin of this machine, its frame at the API's."""

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.billing.razorpay_server import KEY_ID, KEY_SECRET, Razorpay, serving

SCRIPT: Final = Path(__file__).with_name("checkout.js")
REFUSAL: Final = "Your payment was declined by the bank"
FRAME: Final = """<!doctype html><html lang="en"><title>Razorpay Checkout</title><body style="background:#fff">
<h1>WearLink</h1><button id="pay">Pay</button> <button id="forge">Pay by forgery</button>
<button id="fail">Pay with a bad card</button> <button id="close">Close</button>
<script>
const tell = (name, value) => parent.postMessage({ name, value }, "*");
const ask = (how) => fetch("pay" + location.search + "&how=" + how).then((answer) => answer.json());
document.getElementById("pay").onclick = async () => tell("paid", await ask("pay"));
document.getElementById("forge").onclick = async () => tell("paid", await ask("forge"));
document.getElementById("fail").onclick = async () => tell("failed", (await ask("fail")).description);
document.getElementById("close").onclick = () => tell("dismissed");
</script>"""


@contextmanager
def offering(razorpay: Razorpay) -> Iterator[str]:
    """The form of a running vendor; the address of its script."""
    razorpay.pages["/checkout/public"] = lambda _: ("text/html; charset=utf-8", FRAME.encode())
    razorpay.pages["/checkout/pay"] = lambda query: ("application/json", json.dumps(pay(razorpay, query)).encode())
    with serving(Razorpay()) as scripts:
        text = SCRIPT.read_text().replace("API", razorpay.url)
        scripts.pages["/v1/checkout.js"] = lambda _: ("text/javascript", text.encode())
        yield f"{scripts.url}/v1/checkout.js"


def pay(razorpay: Razorpay, query: dict[str, str]) -> dict[str, str]:
    """Return what the form hands over once a customer has pressed a button in it."""
    name, how = query["subscription_id"], query["how"]
    if query["key"] != KEY_ID or name not in razorpay.subscriptions:
        return {"description": "The id provided does not exist"}
    if how == "fail":
        return {"description": REFUSAL}
    payment = "pay_forged"
    if how == "pay":
        razorpay.authorise(name)
        payment = razorpay.charge(name)["id"]
    secret = KEY_SECRET if how == "pay" else "somebody's"
    signature = hmac.new(secret.encode(), f"{payment}|{name}".encode(), "sha256").hexdigest()
    return {"razorpay_payment_id": payment, "razorpay_subscription_id": name, "razorpay_signature": signature}
