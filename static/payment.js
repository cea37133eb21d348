// The first payment on the billing page. Razorpay's script is fetched when the button is pressed, not before; where it
// does not load, the link beside the button leads to the same payment on Razorpay's own page.

const form = document.getElementById("payment");
const button = form.querySelector("button");
const hosted = document.getElementById("hosted-payment");
const state = document.getElementById("payment-state");

function say(words, isBad = false) {
  state.textContent = words && `${isBad ? "✕ " : ""}${words}`;
  state.classList.toggle("wl-payment-bad", isBad);
}

let script = null;
function load() {
  script ??= new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = form.dataset.script;
    element.addEventListener("load", () => (window.Razorpay ? resolve() : reject(new Error("no form"))));
    element.addEventListener("error", () => reject(new Error("not loaded")));
    document.head.append(element);
  });
  return script;
}

// What Razorpay hands over goes to our server as the form it is: only the server says whether it is paid.
function handOver(answer) {
  for (const [name, value] of Object.entries(answer)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  say("Paid at Razorpay; checking …");
  form.submit();
}

function open() {
  let refused = "";
  const checkout = new window.Razorpay({
    key: form.dataset.key,
    subscription_id: form.dataset.subscription,
    name: "WearLink",
    description: form.dataset.description,
    prefill: { email: form.dataset.email, name: form.dataset.organization },
    handler: handOver,
    modal: {
      ondismiss: () => {
        button.disabled = false;
        if (refused) say(`The payment failed: ${refused} Try again, or with another card.`, true);
        else say("The form was closed without a payment. The subscription still waits for it.");
        button.focus();
      },
    },
  });
  // The form stays open after a failed payment and offers another try by itself.
  checkout.on("payment.failed", ({ error }) => {
    refused = (error?.description || "the bank gave no reason").trim();
    if (!/[.!?]$/.test(refused)) refused += ".";
    say(`The payment failed: ${refused}`, true);
  });
  say("The payment form is open.");
  checkout.open();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  say("Opening the payment form …");
  try {
    await load();
    open();
  } catch {
    script = null;
    button.disabled = false;
    say("The payment form did not load. Pay on Razorpay’s page instead: the link is beside the button.", true);
    hosted.focus();
  }
});

form.hidden = false;
hosted.classList.remove("wl-btn-main");
hosted.firstElementChild.textContent = "Pay on Razorpay’s page";
