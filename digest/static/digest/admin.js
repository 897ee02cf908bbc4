// Gives the search boxes that Django's admin draws over its selects the names of their fields.
"use strict";

function nameSearchBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    for (const part of select.parentElement.querySelectorAll("[role=combobox], [role=textbox]")) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", select.labels[0]?.textContent.trim() || select.name);
    }
  }
}

// Pages that draw such boxes bring jQuery along, and draw them when it is ready: after that is the time.
window.django?.jQuery?.(nameSearchBoxes);
