"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = id => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";
  const CHUNK = 150;
  const words = new Map(data.codes.map(([code, severity, text]) => [code, text]));
  const rank = { info: 1, warning: 2, error: 3 };

  const make = (name, properties, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(properties || {})) {
      if (key === "class") node.className = value; else node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  };
  const svg = (name, attributes, text) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const number = n => n.toLocaleString("en-US");

  data.images.forEach((image, place) => {
    image.place = place;
    image.worst = Math.max(0, ...image.findings.map(([, severity]) => rank[severity]));
    image.codes = new Set(image.findings.map(([code]) => code));
  });
  // What a search looks through; made for the first one.
  const textOf = image => image.text ??= [image.path, image.what, image.reference, image.commit, image.publisher, image.owner,
    image.kind, ...image.codes, ...image.details.map(([, value]) => value)].join("\n").toLowerCase();

  const summary = data.summary;
  $("where").textContent = data.roots.join(" · ") + (data.roots.length ? " — " : "") + data.now.slice(0, 16).replace("T", " ") + " UTC" + (data.part ? " — " + data.part : "");
  $("incomplete").hidden = summary.complete;
  const cards = [
    ["images", number(summary.images)],
    ["space", size(summary.bytes)],
    ["space in copies", size(summary.reclaimable)],
    ["with warnings", number(data.images.filter(image => image.worst === 2).length), "warning"],
    ["with errors", number(data.images.filter(image => image.worst === 3).length), "error"],
    ["unreadable", number(summary.unreadable), "error"],
  ];
  for (const [name, value, level] of cards) {
    $("cards").append(make("div", {}, make("dt", {}, name), make("dd", { class: value === "0" ? "" : level || "" }, value)));
  }

  // Filters.
  const filters = ["kind", "official", "publisher", "finding", "owner", "ageGroup"];
  const valuesOf = (image, filter) => filter === "finding" ? [...image.codes] : [image[filter]];
  const groups = {};
  for (const filter of filters) {
    const all = new Map();
    for (const image of data.images) {
      for (const value of valuesOf(image, filter)) {
        const group = all.get(value) || { images: 0, bytes: 0 };
        group.images++;
        group.bytes += image.size;
        all.set(value, group);
      }
    }
    groups[filter] = all;
    const names = [...all.keys()].sort();
    if (filter === "ageGroup") names.sort((a, b) => (data.ages.indexOf(a) + 99) % 99 - (data.ages.indexOf(b) + 99) % 99);
    $("f-" + filter).append(make("option", { value: "" }, "all"),
      ...names.map(name => make("option", { value: name }, `${name} (${number(all.get(name).images)})`)));
  }

  // The images come in the order that the report was asked for.
  let order = { key: "place", down: false };
  const key = {
    place: i => i.place, path: i => i.path, kind: i => i.kind, commit: i => i.commit || "~",
    official: i => ["yes", "no", "unknown"].indexOf(i.official), what: i => i.what.toLowerCase(), owner: i => i.owner, size: i => i.size,
    age: i => i.age === undefined ? -1 : i.age, findings: i => i.worst * 100 + i.findings.length,
  };
  let rows = [];
  let drawn = 0;

  const select = () => {
    const needles = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = filters.map(filter => [filter, $("f-" + filter).value]).filter(([, value]) => value !== "");
    rows = data.images.filter(image => needles.every(needle => textOf(image).includes(needle)) &&
      wanted.every(([filter, value]) => filter === "finding" ? image.codes.has(value) : image[filter] === value));
    const by = key[order.key];
    const sign = order.down ? -1 : 1;
    rows.sort((a, b) => { const x = by(a), y = by(b); return x < y ? -sign : x > y ? sign : 0; });
    $("rows").replaceChildren();
    drawn = 0;
    draw(CHUNK);
    const bytes = rows.reduce((sum, image) => sum + image.size, 0);
    $("shown").textContent = `${number(rows.length)} of ${number(data.images.length)} ${data.images.length === 1 ? "image" : "images"}, ${size(bytes)}`;
    for (const head of document.querySelectorAll("#table th")) {
      head.removeAttribute("aria-sort");
      if (head.querySelector("button").dataset.key === order.key) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    }
    charts();
    remember();
  };

  // The part of the address behind "#" holds the search, the filters, the order and the open image.
  let open = "";
  const remember = () => {
    const state = new URLSearchParams();
    const add = (name, value) => { if (value) state.set(name, value); };
    add("search", $("search").value);
    filters.forEach(filter => add(filter, $("f-" + filter).value));
    if (order.key !== "place") add("sort", (order.down ? "-" : "") + order.key);
    add("open", open);
    const hash = state.toString();
    if (hash === location.hash.slice(1)) return;
    try { history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search); } catch { location.hash = hash; }
  };
  const recall = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    $("search").value = state.get("search") || "";
    for (const filter of filters) {
      const value = state.get(filter) || "";
      $("f-" + filter).value = groups[filter].has(value) ? value : "";
    }
    const sort = state.get("sort") || "place";
    const name = sort.replace(/^-/, "");
    order = Object.hasOwn(key, name) ? { key: name, down: sort.startsWith("-") } : { key: "place", down: false };
    open = state.get("open") || "";
    select();
    const place = open ? rows.findIndex(image => image.path === open) : -1;
    if (place < 0) return;
    if (place >= drawn) draw(place + 1 - drawn);
    $("rows").querySelector("tr.open").scrollIntoView();
  };

  const marks = { yes: "✓ yes", no: "✗ no", unknown: "? unknown" };
  const tag = (text, level, title) => make("span", title ? { class: "tag " + level, title } : { class: "tag " + level }, text);
  const kindLevel = ({ kind, official }) => official === "yes" ? "good" : ({ unreadable: "error", unknown: "warning", local: "warning", staging: "warning" })[kind] || "";

  const row = image => {
    const directory = image.path.slice(0, image.path.length - image.name.length).replace(/(.)\/$/, "$1");
    const name = make("button", { type: "button", class: "name", "aria-expanded": "false" }, image.name);
    const tr = make("tr", { class: "image" },
      make("td", { class: "image-cell" }, name, make("span", { class: "sub dir" }, directory)),
      make("td", {}, tag(image.kind, kindLevel(image))),
      make("td", {}, make("span", { class: "mark " + image.official }, marks[image.official])),
      make("td", { class: "what" }, image.what || "—", ...(image.reference ? [make("span", { class: "sub" }, image.reference)] : [])),
      make("td", { class: "commit" }, ...(image.commit ? [make("code", { title: image.commit }, image.commit.slice(0, 12))] : ["—"])),
      make("td", {}, image.owner),
      make("td", { class: "number" }, size(image.size)),
      make("td", image.age === undefined ? { class: "number" } : { class: "number", "data-unit": " days" }, image.age === undefined ? "—" : number(image.age)),
      make("td", { class: "tags" }, ...image.findings.map(([code, level]) => tag(code, level, words.get(code) || ""))));
    const unfold = () => {
      name.setAttribute("aria-expanded", "true");
      tr.classList.add("open");
    };
    name.addEventListener("click", () => {
      const isOpen = name.getAttribute("aria-expanded") === "true";
      if (isOpen) {
        name.setAttribute("aria-expanded", "false");
        tr.classList.remove("open");
        tr.nextElementSibling.remove();
      } else {
        unfold();
        tr.after(detail(image));
      }
      open = isOpen ? "" : image.path;
      remember();
    });
    if (image.path !== open) return [tr];
    unfold();
    return [tr, detail(image)];
  };

  const detail = image => {
    const cell = make("td", { colspan: "9" });
    if (image.findings.length) {
      cell.append(make("h3", {}, "Findings"), make("ul", {}, ...image.findings.map(([code, level, message]) =>
        make("li", {}, tag(code, level), " " + message))));
    }
    cell.append(make("h3", {}, "Facts"));
    const facts = make("dl", { class: "facts" });
    const fact = (name, value) => facts.append(make("dt", {}, name), make("dd", {}, make("code", {}, value)));
    fact("path", image.path);
    if (image.commit) fact("commit", image.commit);
    image.details.forEach(([name, value]) => fact(name, value));
    cell.append(facts);
    if (image.evidence.length) {
      const head = make("tr", {}, ...["supports", "value", "read from", "status"].map(text => make("th", { scope: "col" }, text)));
      cell.append(make("h3", {}, "Evidence"), make("table", { class: "evidence" }, make("thead", {}, head),
        make("tbody", {}, ...image.evidence.map(([field, value, source, status]) => make("tr", {},
          make("td", {}, data.fields[field].replace(/^origin\./, "")), make("td", {}, make("code", {}, value)),
          make("td", {}, data.sources[source]), make("td", {}, status))))));
    }
    return make("tr", { class: "detail" }, cell);
  };

  const draw = count => {
    const end = Math.min(rows.length, drawn + count);
    const part = document.createDocumentFragment();
    for (; drawn < end; drawn++) part.append(...row(rows[drawn]));
    $("rows").append(part);
    $("more").textContent = rows.length === 0 ? "No image fits." :
      drawn < rows.length ? `${number(rows.length - drawn)} more below` : "";
  };
  new IntersectionObserver(entries => {
    if (entries.some(entry => entry.isIntersecting) && drawn < rows.length) draw(CHUNK);
  }, { rootMargin: "1200px" }).observe($("more"));
  window.addEventListener("beforeprint", () => draw(rows.length));

  // Charts: bars of groups, the largest first; a click filters.
  let measure = "bytes";
  const chart = (title, filter, entries, format, limit = 12) => {
    const cut = entries.length > limit ? limit - 1 : limit;
    const shown = entries.slice(0, cut);
    const rest = entries.slice(cut);
    if (rest.length) {
      shown.push([`${rest.length} more`, rest.reduce((sum, [, value]) => sum + value, 0), true]);
    }
    const most = Math.max(1, ...shown.map(([, value]) => value));
    const height = shown.length * 34 + 2;
    const heading = make("h3", {}, title);
    heading.id = "c-" + title.replace(/ /g, "-");
    const picture = svg("svg", { viewBox: `0 0 320 ${Math.max(height, 34)}`, role: "group", "aria-labelledby": heading.id });
    shown.forEach(([name, value, others], place) => {
      const active = $("f-" + filter).value === name;
      const bar = svg("g", others ? {} : { tabindex: "0", role: "button", "aria-pressed": String(active), "aria-label": `${name}: ${format(value)}` });
      const y = place * 34;
      const label = name.length > 34 ? name.slice(0, 33) + "…" : name;
      bar.append(svg("title", {}, `${name}: ${format(value)}`),
        svg("text", { x: 0, y: y + 13 }, label), svg("text", { x: 320, y: y + 13, class: "value" }, format(value)),
        svg("rect", { x: 1, y: y + 19, width: 318, height: 8, rx: 4, class: "track" }),
        svg("rect", { x: 1, y: y + 19, width: Math.max(value > 0 ? 3 : 0, 318 * value / most), height: 8, rx: 4, class: others ? "bar rest" : "bar" }));
      if (!others) {
        const pick = () => { $("f-" + filter).value = active ? "" : name; select(); };
        bar.addEventListener("click", pick);
        bar.addEventListener("keydown", event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(); } });
      }
      picture.append(bar);
    });
    return [heading, picture];
  };
  const card = (...charts) => make("div", { class: "chart" }, ...charts.flat());
  const charts = () => {
    const focus = document.activeElement && document.activeElement.getAttribute("aria-label");
    const inCharts = $("charts").contains(document.activeElement);
    const format = measure === "bytes" ? size : number;
    const sorted = filter => [...groups[filter]].map(([name, group]) => [name, group[measure]])
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const ages = [...data.ages, "unknown"].filter(age => groups.ageGroup.has(age)).map(age => [age, groups.ageGroup.get(age)[measure]]);
    const reclaim = new Map();
    for (const finding of data.several) {
      if (finding.reclaimable) {
        const sum = reclaim.get(finding.code) || { bytes: 0, images: 0 };
        sum.bytes += finding.reclaimable;
        sum.images += finding.paths.length;
        reclaim.set(finding.code, sum);
      }
    }
    const copies = [...reclaim].map(([code, sum]) => [code, sum[measure]]).sort((a, b) => b[1] - a[1]);
    $("charts").replaceChildren(
      card(chart("by publisher", "publisher", sorted("publisher"), format)),
      card(chart("by kind", "kind", sorted("kind"), format)),
      card(chart("by age", "ageGroup", ages, format), ...(copies.length
        ? [chart(measure === "bytes" ? "space in copies" : "copies", "finding", copies, format)] : [])),
      card(chart("by finding", "finding", sorted("finding"), format)));
    if (inCharts && focus) {
      const again = [...$("charts").querySelectorAll("g[tabindex]")].find(bar => bar.getAttribute("aria-label") === focus);
      if (again) again.focus();
    }
  };
  for (const [id, what] of [["by-size", "bytes"], ["by-count", "images"]]) {
    $(id).addEventListener("click", () => {
      measure = what;
      $("by-size").setAttribute("aria-pressed", String(what === "bytes"));
      $("by-count").setAttribute("aria-pressed", String(what === "images"));
      charts();
    });
  }

  for (const head of document.querySelectorAll("#table th")) {
    head.querySelector("button").addEventListener("click", event => {
      const name = event.target.dataset.key;
      const down = order.key === name ? !order.down : ["size", "age", "findings"].includes(name);
      order = { key: name, down };
      select();
    });
  }
  let waiting;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(select, 80); });
  filters.forEach(filter => $("f-" + filter).addEventListener("change", select));
  $("filters").addEventListener("submit", event => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(() => { open = ""; select(); }));
  window.addEventListener("hashchange", recall);

  // Keys, where nobody types.
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target === $("search")) {
      $("search").value = "";
      select();
      return;
    }
    if (event.target.closest("input, select, textarea")) return;
    if (event.key === "/") {
      event.preventDefault();
      $("search").focus();
    } else if (event.key === "j" || event.key === "k") {
      let names = [...document.querySelectorAll("#rows .name")];
      const at = names.indexOf(document.activeElement);
      if (event.key === "j" && at === names.length - 1 && drawn < rows.length) {
        draw(CHUNK);
        names = [...document.querySelectorAll("#rows .name")];
      }
      const next = names[at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  });

  if (data.several.length) {
    $("several-section").hidden = false;
    const LISTED = 200;
    for (const finding of data.several.slice(0, LISTED)) {
      const list = make("ul", {});
      if (finding.keep !== null) list.append(make("li", {}, make("code", {}, finding.keep), " ", tag("stays", "good")));
      list.append(...finding.paths.map(path => make("li", {}, make("code", {}, path))));
      const gain = finding.reclaimable ? ` — ${size(finding.reclaimable)} would be freed` : "";
      $("several").append(make("details", {}, make("summary", {}, tag(finding.code, finding.severity), " ", finding.message + gain), list));
    }
    if (data.several.length > LISTED) {
      $("several").append(make("p", { class: "quiet-text" }, `${number(data.several.length - LISTED)} more; the filter "Finding" lists their images`));
    }
  }
  if (data.skipped.length) {
    $("skipped-section").hidden = false;
    for (const [path, code, message] of data.skipped.slice(0, 500)) {
      $("skipped").append(make("tr", {}, make("td", {}, make("code", {}, path)), make("td", {}, tag(code, ""), " " + message)));
    }
    if (data.skipped.length > 500) {
      $("skipped").append(make("tr", {}, make("td", { colspan: "2" }, `and ${number(data.skipped.length - 500)} more`)));
    }
  }
  recall();
})();
