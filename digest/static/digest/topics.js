// "Another topic" adds an input in place, and a suggestion goes into its input; the rest of the preview is htmx.
"use strict";

function addInput(topics) {
  const rows = topics.querySelectorAll(".topic");
  const row = rows[rows.length - 1].cloneNode(true);
  const place = rows.length + 1;
  const input = row.querySelector("input");
  const label = row.querySelector("label");
  input.id = input.id.replace(/\d+$/, place);
  label.htmlFor = input.id;
  label.textContent = label.textContent.replace(/\d+$/, place);
  input.value = "";
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
  row.querySelector(".errorlist")?.remove();
  topics.append(row);
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
