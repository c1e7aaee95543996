// Parts of a document come when they are opened; without this script their links lead to them.
document.addEventListener("toggle", (event) => {
  const part = event.target;
  const source = part.dataset.src;
  if (!part.open || !source) return;
  delete part.dataset.src;
  fetch(`${source}&part`, { credentials: "same-origin" }).then((reply) => {
    if (!reply.ok) throw new Error(reply.status);
    return reply.text();
  }).then((members) => part.insertAdjacentHTML("beforeend", members)).catch(() => { part.dataset.src = source; });
}, true);
