"use strict";
// Replaces the pictures by interactive charts. Without this script, or without what it needs, the pictures stay.
(() => {
  const root = document.documentElement;
  const hidden = { strategy: new Set(), scalar: new Set() };
  const charts = [];
  const GLYPHS = { circle: "●", square: "■", "triangle-up": "▲", "triangle-down": "▼", diamond: "◆", cross: "✚", x: "✖",
    "triangle-left": "◀", "triangle-right": "▶", pentagon: "⬟", hexagon: "⬢", "diamond-tall": "♦" };

  const tell = (words) => { for (const place of document.querySelectorAll(".script-state")) place.textContent = words; };

  async function unpack(id) {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  function run(text) {
    const script = document.createElement("script");
    script.textContent = text;
    document.head.append(script);
    script.remove();
  }

  const shown = (chart, trace) => !(hidden.strategy.has(trace.meta.strategy) || hidden.scalar.has(trace.meta.scalar) ||
    chart.hidden.has(trace.legendgroup));

  function wrap(name, letters) {
    const words = name.split(" "), lines = [""];
    for (const word of words) {
      if ((lines[lines.length - 1] + " " + word).trim().length > letters && lines[lines.length - 1]) lines.push("");
      lines[lines.length - 1] = (lines[lines.length - 1] + " " + word).trim();
    }
    return lines.join("<br>");
  }

  // Panels lie in columns; on a narrow screen one below the other. All sizes are pixels until the last step.
  function layoutOf(chart, width) {
    const narrow = width < 700;
    const panels = chart.panels.filter((panel) => {
      const mine = chart.data.filter((t) => (t.xaxis || "x").slice(1) === panel.axis);
      const picked = mine.filter((t) => t.meta.strategy || t.meta.scalar || t.legendgroup);
      return !picked.length || picked.some((t) => shown(chart, t));
    });
    const columns = narrow ? 1 : Math.min(chart.columns, Math.max(1, panels.length));
    const letters = narrow ? 22 : 44;
    const layout = { margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, hovermode: "closest", annotations: [],
      paper_bgcolor: "#fff", plot_bgcolor: "#fff", font: { family: "system-ui, 'DejaVu Sans', sans-serif", size: 12, color: "#1b2127" },
      hoverlabel: { align: "left" }, dragmode: narrow ? false : "zoom" };
    const share = width / columns, places = [];
    let y = narrow ? 0 : 26;  // room for the buttons
    for (let k = 0; k < panels.length; k += columns) {
      const line = panels.slice(k, k + columns);
      const tall = Math.max(...line.map((p) => p.pixels));
      line.forEach((panel, column) => places.push({ panel, column, top: y + 30, bottom: y + 30 + tall }));
      y += 30 + tall + 62 + Math.max(...line.map((p) => p.below));
    }
    const height = Math.max(y, 120);
    for (const panel of chart.panels) {
      const place = places.find((p) => p.panel === panel);
      const x = structuredClone(chart.axes["xaxis" + panel.axis]), v = structuredClone(chart.axes["yaxis" + panel.axis]);
      for (const axis of [x, v]) { delete axis.automargin; axis.fixedrange = narrow; }
      if (!place) { x.visible = v.visible = false; x.domain = v.domain = [0, 0.001]; }
      else {
        let left = 64;
        if (v.showgrid === false) {  // categories
          v.ticktext = v.ticktext.map((name) => wrap(name, letters));
          const longest = Math.max(...v.ticktext.flatMap((name) => name.split("<br>")).map((part) => part.length));
          v.tickfont = { size: narrow ? 9 : 10.5 };
          left = 14 + longest * (narrow ? 5.2 : 6.1);
        }
        if (narrow && x.showgrid === false) x.tickfont = { size: 8.5 };
        const begin = place.column * share + left, end = (place.column + 1) * share - 14;
        x.domain = [begin / width, end / width];
        v.domain = [1 - place.bottom / height, 1 - place.top / height];
        layout.annotations.push({ text: "<b>" + panel.title + "</b>", x: begin / width, y: v.domain[1], xref: "paper", yref: "paper",
          xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: 13 }, yshift: 3 });
      }
      layout["xaxis" + panel.axis] = x;
      layout["yaxis" + panel.axis] = v;
    }
    return { ...layout, width, height };
  }

  function draw(chart) {
    const width = Math.max(280, Math.floor(chart.div.parentElement.clientWidth));
    const data = chart.data.map((trace) => ({ ...trace, visible: shown(chart, trace) }));
    const config = { displaylogo: false, responsive: false, displayModeBar: width < 700 ? false : "hover",
      modeBarButtonsToRemove: ["select2d", "lasso2d"], toImageButtonOptions: { format: "png", scale: 2, filename: chart.name } };
    chart.width = width;
    return Plotly.react(chart.div, data, layoutOf(chart, width), config);
  }

  function button(label, swatch, press) {
    const made = document.createElement("button");
    made.type = "button";
    made.setAttribute("aria-pressed", "true");
    made.innerHTML = swatch;
    made.append(label);
    made.addEventListener("click", () => {
      const on = made.getAttribute("aria-pressed") !== "true";
      made.setAttribute("aria-pressed", String(on));
      press(on);
    });
    return made;
  }

  function swatch(trace) {
    const dash = trace.line.dash === "solid" ? "" : ` stroke-dasharray="${trace.line.dash.replaceAll("px", "")}"`;
    const line = trace.mode.includes("lines") ? `<line x1="0" x2="30" y1="7" y2="7" stroke="${trace.line.color}" stroke-width="2"${dash}/>` : "";
    const colour = trace.marker.color === "#ffffff" ? trace.line.color : trace.marker.color;
    const glyph = trace.mode.includes("markers") ? `<text x="15" y="11" font-size="11" text-anchor="middle" fill="${colour}">${GLYPHS[trace.marker.symbol] || "●"}</text>` : "";
    return `<svg width="30" height="14" aria-hidden="true">${line}${glyph}</svg>`;
  }

  function legend(chart) {
    if (!chart.legend) return;
    const box = document.createElement("div");
    box.className = "legend";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Series of this chart, on and off");
    for (const trace of chart.data.filter((t) => t.showlegend))
      box.append(button(trace.name, swatch(trace), (on) => {
        chart.hidden[on ? "delete" : "add"](trace.legendgroup);
        draw(chart);
      }));
    chart.div.after(box);
  }

  function pickers() {
    for (const kind of ["strategy", "scalar"]) {
      const place = document.getElementById("pick-" + kind);
      const names = JSON.parse(place.dataset.names);
      const buttons = names.map((name) => button(name, "", (on) => {
        hidden[kind][on ? "delete" : "add"](name);
        charts.forEach(draw);
      }));
      const all = document.createElement("button");
      all.type = "button";
      all.textContent = "all / none";
      all.addEventListener("click", () => {
        const on = hidden[kind].size > 0;
        hidden[kind] = new Set(on ? [] : names);
        buttons.forEach((b) => b.setAttribute("aria-pressed", String(on)));
        charts.forEach(draw);
      });
      place.append(all, ...buttons);
    }
  }

  async function start() {
    if (!("DecompressionStream" in window) || !("structuredClone" in window))
      return tell("This browser cannot unpack the interactive charts; the pictures below are the same figures.");
    root.classList.add("with-scripts");
    tell("Charts are being prepared.");
    run(await unpack("plotly"));
    const specifications = JSON.parse(await unpack("charts"));
    pickers();
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
      const chart = { ...specifications[figure.dataset.chart], name: figure.dataset.chart, hidden: new Set(), div: document.createElement("div") };
      const picture = figure.querySelector("img");
      chart.div.className = "chart";
      chart.div.setAttribute("role", "img");
      chart.div.setAttribute("aria-label", picture.alt);
      picture.before(chart.div);
      await draw(chart);
      picture.hidden = true;
      picture.style.display = "none";
      legend(chart);
      charts.push(chart);
      figure.dataset.drawn = "yes";
      await new Promise((done) => setTimeout(done));
    }
    tell("Point at a chart for its numbers; drag to zoom, double-click to go back; press a name to hide it.");
    let waiting = 0;
    addEventListener("resize", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => charts.forEach((c) => c.width !== Math.max(280, Math.floor(c.div.parentElement.clientWidth)) && draw(c)), 120);
    });
    root.dataset.ready = "yes";
  }

  start().catch((error) => {
    root.classList.remove("with-scripts");
    tell("The interactive charts could not be prepared (" + error.message + "); the pictures are the same figures.");
    console.error(error);
  });
})();
