// Guesses the reader's time zone from the browser, unless one was chosen already; without this it is UTC.
"use strict";

const zone = document.querySelector("form.sign-up [name=time_zone]");
const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (zone && guess && zone.value === "UTC" && !zone.form.querySelector(".errorlist")) {
  if (zone.type === "hidden") {
    zone.value = guess;
  } else {
    const offered = [...zone.options].find((option) => option.value === guess);
    if (offered) {
      offered.selected = true;
    }
  }
}
