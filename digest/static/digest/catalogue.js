// Narrows the catalogue while its reader types; without this, the button beside the field does the same.
"use strict";

const words = document.getElementById("catalogue-words");
const groups = document.querySelectorAll("#catalogue details");
const none = document.querySelector("#catalogue .none-left");

function narrow() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let left = 0;
  for (const group of groups) {
    const name = group.querySelector("summary").textContent;
    let found = 0;
    for (const row of group.querySelectorAll("li")) {
      const said = `${row.textContent} ${name}`.toLowerCase();
      row.hidden = !wanted.every((word) => said.includes(word));
      found += row.hidden ? 0 : 1;
    }
    group.hidden = found === 0;
    group.open = wanted.length > 0 && found > 0;
    left += found;
  }
  none.hidden = left > 0;
}

words.addEventListener("input", narrow);
