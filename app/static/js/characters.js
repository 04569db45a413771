// What one character is: the same rule as app/documents/characters.py, so that page and server never disagree about a limit.
"use strict";
(() => {
  const BLANK = "[ \\t\\n\\u00a0\\u3000]";
  const ENDS = new RegExp(`^${BLANK}+|${BLANK}+$`, "g");
  const clean = (text) => text.normalize("NFC").replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "").replace(ENDS, "");
  window.characters = { clean, count: (text) => Array.from(clean(text)).length };
})();
