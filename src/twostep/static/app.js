// Comfort only: every page does its work without this file.
// Texts are set as text, never as markup, so the page's Trusted Types rule has nothing to refuse.
"use strict";

// A second click on a slow line would send the same code twice, and be told that it was used already.
const SECOND_CLICK_MS = 3000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if ("sent" in form.dataset) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, SECOND_CLICK_MS);
});

for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  const words = [button.textContent, button.dataset.other];
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = words[Number(shown)];
  };
  button.addEventListener("click", () => show(field.type === "password"));
  // Browsers keep passwords from password fields only.
  field.form.addEventListener("submit", () => show(false));
  button.hidden = false;
}

// A key is one word, whatever blanks help the eye; a list keeps its lines.
function toCopy(source) {
  if (!("lines" in source.dataset)) return source.textContent.replace(/\s/g, "");
  return Array.from(source.children, (line) => line.textContent.trim()).join("\n");
}

for (const button of document.querySelectorAll("[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  const status = button.parentElement.querySelector("[data-copied]");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(toCopy(source));
      status.textContent = status.dataset.copied;
    } catch {
      getSelection().selectAllChildren(source);
      status.textContent = status.dataset.notCopied;
    }
  });
  button.hidden = false;
}

for (const button of document.querySelectorAll("[data-prints]")) {
  button.addEventListener("click", () => print());
  button.hidden = false;
}

// The page marks the field so only on the first try. After a wrong code the person presses the button: whoever
// is still listening to what went wrong is not sent on in the middle of it, and a further try is a decision.
for (const field of document.querySelectorAll("[data-sends-itself]")) {
  field.addEventListener("input", () => {
    const code = field.value.replace(/\s/g, "");
    if (code.length === Number(field.dataset.digits) && /^\d+$/.test(code)) {
      field.form.requestSubmit();
    }
  });
}
for (const element of document.querySelectorAll("[data-with-script]")) {
  element.hidden = false;
}

for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// Moments come in UTC and say so; here they become the reader's own time.
const HOUR_MS = 3600000;
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;

function inOwnTime(moment, style) {
  const now = new Date();
  const time = moment.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  const year = moment.getFullYear() === now.getFullYear() ? undefined : "numeric";
  const day = moment.toLocaleDateString(language, { day: "numeric", month: "long", year });
  if (style === "day") return day;
  if (style === "until") {
    if (Math.abs(moment - now) < 12 * HOUR_MS) return time;
    return moment < now || moment - now > 7 * 24 * HOUR_MS ? day : `${day}, ${time}`;
  }
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((midnight(moment) - midnight(now)) / (24 * HOUR_MS));
  if (days < -1) return `${day}, ${time}`;
  const dayWord = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
  return `${dayWord} ${time}`;
}

function tellInOwnTime(within) {
  for (const element of within.querySelectorAll("time[data-moment]")) {
    element.textContent = inOwnTime(new Date(element.dateTime), element.dataset.moment);
  }
}
const shown = new Map(Array.from(document.querySelectorAll("[data-live]"), (part) => [part, part.innerHTML]));
tellInOwnTime(document);

// Parts of a page that renew themselves while somebody looks. The page is asked for as a document, of which the
// parts are taken over: no markup is made here. The header says that nobody did anything, so that a page which
// was left open keeps no session alive.
const LOOK_AGAIN_MS = 3000;

function takeOver(part, fresh) {
  if (shown.get(part) === fresh.innerHTML) return;
  shown.set(part, fresh.innerHTML);
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.replaceChildren(...document.importNode(fresh, true).childNodes);
  tellInOwnTime(part);
  if (focused !== null) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
}

function lookAgain() {
  if (shown.size === 0) return;
  const [first] = shown.keys();
  if (document.hidden) {
    document.addEventListener("visibilitychange", lookAgain, { once: true });
    return;
  }
  const asked = new XMLHttpRequest();
  // A page that answered a form says where it is found: there is nothing to see at the form's address.
  asked.open("GET", first.dataset.live || location.href);
  asked.responseType = "document";
  asked.setRequestHeader("Twostep-Watches", "1");
  asked.addEventListener("loadend", () => {
    // Nobody is signed in here any more: the page itself knows where to go.
    if (asked.status === 204) return location.reload();
    if (asked.status === 200 && asked.response !== null) {
      for (const part of [...shown.keys()]) {
        const fresh = asked.response.getElementById(part.id);
        if (fresh !== null) takeOver(part, fresh);
        // What is settled stays as it is.
        if (fresh === null || !("live" in fresh.dataset)) shown.delete(part);
      }
    }
    setTimeout(lookAgain, LOOK_AGAIN_MS);
  });
  asked.send();
}
setTimeout(lookAgain, LOOK_AGAIN_MS);
