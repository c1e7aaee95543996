"use strict";

for (const button of document.querySelectorAll("button[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  const status = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch { // browsers have no clipboard on plain http
      getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    status.textContent = status.dataset.copied;
  });
}

for (const time of document.querySelectorAll("time")) {
  const format = { dateStyle: "medium", timeStyle: "short" };
  time.title = time.textContent;
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, format);
}
