// Stands in for Razorpay's checkout.js: a container over the page, a frame of the API's origin in it, and the answers
// that the frame sends. Like the vendor's it sets a style attribute and adds a style element, whatever the page allows.
window.Razorpay = function (options) {
  for (const name of ["key", "subscription_id"]) {
    if (!options[name]) throw new Error(`${name} is missing`);
  }
  const heard = {};
  this.on = (name, listener) => { heard[name] = listener; };
  this.open = () => {
    const container = document.createElement("div");
    container.className = "razorpay-container";
    container.innerHTML = "<style>@keyframes rzp-rot{to{transform:rotate(360deg)}}</style>";
    Object.assign(container.style, { zIndex: 99999, position: "fixed", inset: 0, background: "rgba(0,0,0,.6)" });
    const frame = document.createElement("iframe");
    frame.className = "razorpay-checkout-frame";
    frame.title = "Razorpay Checkout";
    frame.setAttribute("style", "height: 100%; width: 100%; border: 0");
    const asked = new URLSearchParams({ key: options.key, subscription_id: options.subscription_id });
    frame.src = `API/checkout/public?${asked}`;
    container.append(frame);
    document.body.append(container);
    addEventListener("message", (event) => {
      if (event.source !== frame.contentWindow) return;
      const { name, value } = event.data;
      if (name === "failed") return heard["payment.failed"]?.({ error: { code: "BAD_REQUEST_ERROR", description: value } });
      container.remove();
      if (name === "paid") options.handler(value);
      else options.modal?.ondismiss?.();
    });
  };
};
