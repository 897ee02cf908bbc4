// "Another topic" adds an input in place, and a suggestion goes into its input. The preview itself is htmx.
"use strict";

function addInput(topics) {
  const rows = topics.querySelectorAll(".topic");
  const row = rows[rows.length - 1].cloneNode(true);
  const place = rows.length + 1;
  const input = row.querySelector("input");
  const label = row.querySelector("label");
  input.id = input.id.replace(/\d+$/, place);
  input.value = "";
  input.placeholder = "";
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
  label.htmlFor = input.id;
  label.textContent = label.textContent.replace(/\d+$/, place);
  row.querySelector(".errorlist")?.remove();
  row.querySelector(".preview").replaceChildren();
  topics.append(row);
  window.htmx?.process(row);
  input.focus();
}

for (const button of document.querySelectorAll("button.another")) {
  const topics = button.form.querySelector(".topics");
  button.type = "button";
  button.addEventListener("click", () => {
    addInput(topics);
    button.hidden = topics.children.length >= Number(topics.dataset.most);
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".topic button.suggestion");
  if (button) {
    const input = button.closest(".topic").querySelector("input");
    input.value = button.dataset.topic;
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
