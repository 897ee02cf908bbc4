// Copies what stands in the element that a button names; without this the text can be selected, and no button shows.
"use strict";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copies]")) {
    const said = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim());
      button.textContent = "Copied";
      setTimeout(() => {
        button.textContent = said;
      }, 2000);
    });
  }
}
