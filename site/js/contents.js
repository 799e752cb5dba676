// The contents of a page would fill a narrow screen: there they are folded, to be opened by a tap.
(() => {
  "use strict";
  const contents = document.querySelector(".contents details");
  if (contents) contents.open = matchMedia("(min-width: 64rem)").matches;
})();
