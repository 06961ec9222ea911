"use strict";
// The family tree: its roots first, what was built on one when it is opened.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const nodes = data.families;
  if (!nodes.length) return;
  const section = document.getElementById("family-section");
  const place = document.getElementById("family");
  const CHUNK = 200;
  const children = new Map();
  const below = new Map();
  for (const node of nodes) {
    const list = children.get(node.parent) || [];
    list.push(node);
    children.set(node.parent, list);
  }
  // Parents stand before their children.
  for (let at = nodes.length - 1; at >= 0; at--) {
    const { id, parent } = nodes[at];
    if (parent !== null) below.set(parent, (below.get(parent) || 0) + (below.get(id) || 0) + 1);
  }
  const make = (name, className, ...content) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...content);
    return node;
  };
  const words = node => {
    const parts = [make("code", "", node.path)];
    if (node.name) parts.push(" ", make("span", "family-name", node.name));
    parts.push(" ", make("span", "family-adds", node.adds));
    if (node.copies.length) parts.push(" ", make("span", "tag", node.copies.length + 1 + " files"));
    const count = below.get(node.id);
    if (count) parts.push(" ", make("span", "tag good", count.toLocaleString("en-US") + " built on it"));
    return parts;
  };
  const item = node => {
    const list = children.get(node.id) || [];
    if (!list.length && !node.copies.length) return make("li", "family-leaf", ...words(node));
    const details = make("details", "", make("summary", "", ...words(node)));
    details.addEventListener("toggle", () => {
      if (!details.open || details.lastChild.nodeName === "UL") return;
      const copies = node.copies.slice(0, CHUNK).map(path => make("li", "family-leaf", make("code", "", path), " same content"));
      const ul = make("ul", "", ...copies);
      details.append(ul);
      fill(ul, list);
    });
    return make("li", "", details);
  };
  const fill = (ul, list, from = 0) => {
    ul.append(...list.slice(from, from + CHUNK).map(item));
    if (list.length <= from + CHUNK) return;
    const more = make("button", "", `${(list.length - from - CHUNK).toLocaleString("en-US")} more`);
    more.type = "button";
    const last = make("li", "family-leaf", more);
    more.addEventListener("click", () => { last.remove(); fill(ul, list, from + CHUNK); });
    ul.append(last);
  };
  const roots = children.get(null) || [];
  roots.sort((a, b) => (below.get(b.id) || 0) - (below.get(a.id) || 0));
  const sum = key => nodes.reduce((total, node) => total + node[key], 0);
  place.append(make("p", "quiet-text", `By content alone. ${size(sum("reclaimable"))} would be freed by removing files of the same content, about ` +
    `${size(sum("shared"))} if children shared what they were built on.`));
  const ul = make("ul", "family");
  fill(ul, roots);
  place.append(ul);
  section.hidden = false;
})();
