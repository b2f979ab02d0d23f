'use strict';
/* Draws the charts of a page from the documents that it carries. Charts are Chart.js's; what is
 * drawn is remembered, so that it can be drawn anew in other colours or on paper. */
(function () {
/* name: that tells one from others, where there are several. Points know the result that they are of. */
const documents = [...document.querySelectorAll('script[type="application/json"]')].map(element => {
  const text = element.textContent, result = JSON.parse(text), name = element.dataset.name || '';

  for (const point of result.points || []) Object.assign(point, {of: result, source: name});
  return {text, result, name};
});
const drawings = [];

const LOSSES = [
  ['serial', 'serial parts'], ['imbalance', 'imbalance'], ['waiting', 'waiting'],
  ['runtime', 'runtime'], ['others', 'other programs'], ['instructions', 'more instructions'],
  ['ipc', 'lower IPC'], ['cycles', 'more cycles'], ['computation', 'more CPU time'],
  ['frequency', 'lower clock'], ['reference_idle', 'idle reference'],
];
const MOST_BARS = 12, MOST_ROWS = 24;

/* Numbers as text. */

function known(x) {
  return typeof x === 'number' && isFinite(x);
}

/* most: significant digits. */
function digits(x, most = 3) {
  if (!known(x)) return '-';
  if (x !== 0 && (Math.abs(x) >= 1e6 || Math.abs(x) < 1e-4)) return x.toExponential(2);
  return String(Number(x.toPrecision(most)));
}

function scaled(x, steps, most) {
  for (const [size, unit] of steps)
    if (Math.abs(x) >= size) return digits(x / size, most) + ' ' + unit;
  return null;
}

function time(x, most) {
  if (!known(x)) return '-';
  if (x === 0) return '0 s';
  return scaled(x, [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs']], most) || digits(x * 1e9, most) + ' ns';
}

function count(x, most) {
  return known(x) && scaled(x, [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']], most) || digits(x, most);
}

function percent(x, most) {
  return known(x) ? digits(100 * x, most) + ' %' : '-';
}

function format_of(unit) {
  return unit === 's' ? time : unit === '1' ? digits : count;
}

function with_interval(format, raw, value) {
  const interval = known(raw.low) && known(raw.high);

  return format(value) + (interval ? ' [' + format(raw.low) + ', ' + format(raw.high) + ']' : '');
}

/* "10M", "2.6us" as in a spec; NaN. */
function parse_amount(text) {
  const sizes = {k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, ns: 1e-9, us: 1e-6,
    ms: 1e-3, s: 1, min: 60, h: 3600, '': 1};
  const found = /^([-+0-9.eE]+?)([a-zA-Z]*)$/.exec(text);

  return found && found[2] in sizes ? Number(found[1]) * sizes[found[2]] : NaN;
}

function shorten(text, most) {
  return text.length > most ? text.slice(0, most - 1) + '…' : text;
}

/* What tells labels apart stands at their ends too, unless they have numbers. */
function shorten_label(text, most) {
  return text.length <= most || /^\d+\. /.test(text) ? shorten(text, most) : text.slice(0, most - 12) + '…' + text.slice(-11);
}

/* Statistics. */

function quantile(sorted, q) {
  const at = q * (sorted.length - 1), low = Math.floor(at), high = Math.ceil(at);

  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

function ascending(values) {
  return values.filter(known).sort((a, b) => a - b);
}

/* Of values, at most some 200 of many, and those around them. */
function running_median(values, width) {
  const step = Math.ceil(values.length / 200), at = values.map((_, i) => i).filter(i => i % step === 0);

  return at.map(i => {
    const around = ascending(values.slice(Math.max(0, i - width), i + width + 1));

    return {x: i + 1, y: around.length ? quantile(around, 0.5) : null};
  });
}

function histogram(values) {
  const sorted = ascending(values), low = sorted[0], high = sorted[sorted.length - 1];
  const spread = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  const wanted = spread > 0 ? (high - low) / (2 * spread / Math.cbrt(sorted.length)) : 1;
  const bins = high > low ? Math.max(5, Math.min(Math.ceil(wanted), 50)) : 1;
  const step = (high - low) / bins || 1, counts = new Array(bins).fill(0);

  for (const x of sorted) counts[Math.min(Math.floor((x - low) / step), bins - 1)]++;
  return counts.map((n, i) => ({low: low + i * step, high: low + (i + 1) * step, count: n}));
}

/* Points. */

function metric(point, id) {
  return point.metrics[id] || {value: null, low: null, high: null, unit: '1'};
}

function has(point, id) {
  return known(metric(point, id).value);
}

function is_program(point) {
  return point.strategy === 'program';
}

function distinct(values) {
  return [...new Set(values)];
}

/* What tells these points apart, in words. */
function strategy_name(point) {
  return point.strategy_label === 'program' ? 'as it is' : point.strategy_label;
}

function namer(points) {
  const several = key => distinct(points.map(p => p[key])).length > 1;
  const workloads = several('workload_label'), placements = several('placement');
  const strategies = several('strategy_label'), sources = several('source');

  return point => [
    sources && point.source,
    workloads && point.workload_label,
    (strategies || !workloads && !sources && !is_program(point)) && strategy_name(point),
    placements && point.placement,
  ].filter(Boolean).join(' ');
}

function threads_text(n) {
  return n + (n === 1 ? ' thread' : ' threads');
}

function point_namer(points) {
  const name = namer(points);
  const threads = distinct(points.map(p => p.threads)).length > 1;

  return point => [name(point), (threads || !name(point)) && threads_text(point.threads)]
    .filter(Boolean).join(', ');
}

/* Points by what they have in common but the threads: a curve each. */
function curves_of(points) {
  const curves = new Map(), name = namer(points);

  for (const point of points) {
    const key = JSON.stringify([point.source, point.workload_label, point.strategy_label, point.placement]);

    if (point.baseline && !is_program(point)) continue;
    if (!curves.has(key)) curves.set(key, {label: name(point) || 'measured', points: []});
    curves.get(key).points.push(point);
  }
  return [...curves.values()];
}

/* Colours and charts. */

let palette = {};

/* Of the style that is in force. */
function read_palette() {
  const style = getComputedStyle(document.documentElement);

  palette = {};
  for (const name of ['paper', 'ink', 'muted', 'line', 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'])
    palette[name] = style.getPropertyValue('--' + name).trim();
}

function colour(name) {
  return palette[name];
}

function hue(i) {
  return colour('c' + i % 8);
}

/* Lines from the low to the high end of what a value's interval is. */
const intervals = {
  id: 'intervals',
  afterDatasetDraw(chart, args) {
    const dataset = chart.data.datasets[args.index], across = chart.options.indexAxis === 'y';
    const scale = chart.scales[across ? 'x' : 'y'], c = chart.ctx, area = chart.chartArea;

    if (!dataset.whiskers) return;
    c.save();
    c.beginPath();
    c.rect(area.left, area.top, area.width, area.height);
    c.clip();
    c.beginPath();
    args.meta.data.forEach((element, i) => {
      const raw = dataset.data[i];

      if (known(raw.low) && known(raw.high))
        whisker(c, across, across ? element.y : element.x, scale.getPixelForValue(raw.low),
          scale.getPixelForValue(raw.high));
    });
    c.strokeStyle = colour('ink');
    c.lineWidth = 1.25;
    c.stroke();
    c.restore();
  },
};

function whisker(c, across, at, low, high) {
  const to = (along, off, draw) => across ? c[draw](along, at + off) : c[draw](at + off, along);

  to(low, 0, 'moveTo');
  to(high, 0, 'lineTo');
  for (const end of [low, high]) {
    to(end, -4, 'moveTo');
    to(end, 4, 'lineTo');
  }
}

/* A range of the x axis, shaded, with a line in it: a crossover and its interval. */
const marks = {
  id: 'marks',
  beforeDatasetsDraw(chart) {
    const c = chart.ctx, area = chart.chartArea, x = chart.scales.x;

    for (const mark of chart.options.marks || []) {
      const at = x.getPixelForValue(mark.value), left = x.getPixelForValue(mark.low);

      c.save();
      c.fillStyle = c.strokeStyle = mark.colour;
      c.globalAlpha = 0.15;
      if (known(left))
        c.fillRect(left, area.top, Math.max(1, x.getPixelForValue(mark.high) - left), area.height);
      c.globalAlpha = 1;
      c.setLineDash([2, 3]);
      c.beginPath();
      c.moveTo(at, area.top);
      c.lineTo(at, area.bottom);
      c.stroke();
      c.restore();
    }
  },
};

/* Numbers that are told from their neighbours. */
function tick_text(format) {
  return value => format(value, 6);
}

/* Powers of ten; of a short range twice and five times those too. */
function decade_text(format) {
  return function (value) {
    const first = Number(value.toExponential()[0]), exact = /^\d(e|$)/.test(value.toExponential());
    const few = this.max / this.min < 50;

    return exact && (few ? [1, 2, 5] : [1]).includes(first) ? format(value, 6) : null;
  };
}

function whole_axis(title) {
  const y = axis(title, digits, {beginAtZero: true});

  y.ticks.precision = 0;
  return y;
}

function log_axis(title, format) {
  return axis(title, format, {type: 'logarithmic', ticks: {color: colour('muted'), callback: decade_text(format),
    maxRotation: 0, autoSkip: false}});
}

function axis(title, format, more) {
  return Object.assign({
    title: {display: true, text: title, color: colour('muted')},
    ticks: Object.assign({color: colour('muted'), maxRotation: 0, autoSkipPadding: 12},
      format && {callback: tick_text(format)}),
    grid: {color: colour('line'), borderColor: colour('line')},
  }, more);
}

/* Lines as lines, dashes and all; bars as squares. */
function legend_labels(chart) {
  const style = d => d.type === 'line' || (chart.config.type === 'line' && !d.pointStyle) ? 'line' : d.pointStyle || 'rect';

  return Chart.defaults.plugins.legend.labels.generateLabels(chart)
    .filter(item => chart.data.datasets[item.datasetIndex].role !== 'band')
    .map(item => Object.assign(item, {pointStyle: style(chart.data.datasets[item.datasetIndex]),
      fontColor: colour('ink')}));
}

function has_shapes(chart) {
  return chart.config.type === 'scatter' || chart.data.datasets.some(d => d.role === 'measured' && d.pointStyle);
}

/* format: of the values; title: of what a value is of. */
function options(format, title, scales, more) {
  const across = more && more.indexAxis === 'y';

  return Object.assign({
    animation: false, responsive: true, maintainAspectRatio: false, scales,
    interaction: {mode: 'nearest', intersect: false},
    plugins: {
      legend: {labels: {usePointStyle: true, generateLabels: legend_labels, boxHeight: context => has_shapes(context.chart) ? 7 : 12,
        pointStyleWidth: context => has_shapes(context.chart) ? 14 : 24}},
      tooltip: {filter: item => item.dataset.role !== 'band', callbacks: {
        title: items => items.length ? title(items[0]) : '',
        label: item => item.dataset.label + ': '
          + with_interval(format, item.raw, across ? item.parsed.x : item.parsed.y),
      }},
    },
  }, more);
}

function element(tag, text, parent) {
  const e = document.createElement(tag);

  if (text) e.textContent = text;
  if (parent) parent.append(e);
  return e;
}

/* Intervals too, not only values, have room on the axis. */
function with_room(config) {
  const across = config.options.indexAxis === 'y', scale = config.options.scales[across ? 'x' : 'y'];
  const ends = config.data.datasets.filter(d => d.whiskers).flatMap(d => d.data).flatMap(d => [d.low, d.high]).filter(known);

  if (ends.length) Object.assign(scale, {suggestedMin: Math.min(...ends), suggestedMax: Math.max(...ends)});
  return config;
}

function draw(drawing) {
  if (drawing.chart) drawing.chart.destroy();
  drawing.chart = new Chart(drawing.canvas, with_room(drawing.make()));
}

/* make gives the chart's configuration. rows: of bars, which need room each. */
function plot(parent, title, make, rows) {
  const figure = element('figure', null, parent);
  const box = document.createElement('div'), drawing = {canvas: document.createElement('canvas'), make, box};

  element('figcaption', title, figure);
  figure.append(box);
  box.className = 'plot';
  if (rows) box.style.height = Math.max(9, 5 + 1.6 * Math.min(rows, MOST_ROWS)) + 'rem';
  drawing.canvas.setAttribute('role', 'img');
  drawing.canvas.setAttribute('aria-label', title);
  box.append(drawing.canvas);
  drawings.push(drawing);
  draw(drawing);
  return drawing;
}

function redraw() {
  read_palette();
  drawings.forEach(draw);
}

/* Curves over threads. */

function as_datum(x, m) {
  return {x, y: m.value, low: m.low, high: m.high};
}

/* By the result that the points are of. */
const SHAPES = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'cross'];

function shape_of(point, points) {
  const sources = distinct(points.map(p => p.source));

  return sources.length > 1 ? SHAPES[sources.indexOf(point.source) % SHAPES.length] : undefined;
}

function measured(curve, i, id, points) {
  return {
    pointStyle: shape_of(curve.points[0], points),
    role: 'measured', whiskers: true, label: curve.label, borderColor: hue(i), backgroundColor: hue(i),
    data: curve.points.filter(p => has(p, id)).map(p => as_datum(p.threads, metric(p, id)))
      .sort((a, b) => a.x - b.x),
    borderWidth: 2, pointRadius: 3.5, pointHitRadius: 8,
  };
}

/* The CPUs that the threads share: that is what a speedup can be at most, unless it is superlinear. */
function ideal(points, id) {
  const cpus = new Map();

  for (const p of points)
    if (has(p, 'speedup') && metric(p, 'efficiency').value > 0)
      cpus.set(p.threads, metric(p, 'speedup').value / metric(p, 'efficiency').value);
  const data = [...cpus].sort((a, b) => a[0] - b[0])
    .map(([x, most]) => ({x, y: id === 'speedup' ? most : 1}));
  return {role: 'ideal', label: 'ideal', data, borderColor: colour('muted'), borderDash: [6, 4],
    borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0};
}

function law_of(curve) {
  const p = curve.points[0];

  return p.of.models.amdahl.find(m => m.workload === p.workload_label
    && m.strategy === p.strategy_label && m.placement === p.placement
    && (known(m.serial_fraction.value) || m.usl.best === 'usl'));
}

function usl(u, threads, id) {
  const speedup = u.gamma.value * threads
    / (1 + u.sigma.value * (threads - 1) + u.kappa.value * threads * (threads - 1));

  return id === 'speedup' ? speedup : speedup / threads;
}

function by_law(model, s, threads, id) {
  const speedup = model.law === 'gustafson' ? threads - s * (threads - 1) : 1 / (s + (1 - s) / threads);

  return id === 'speedup' ? speedup : speedup / threads;
}

/* The fitted law, and the two lines between which it may lie. */
function law(curve, i, id) {
  const model = law_of(curve);

  if (!model) return [];
  const within = curve.points.map(p => p.threads).filter(n => !model.left_out.threads.includes(n));
  const most = Math.max(...within, 1), xs = [];
  for (let k = 0; k <= 60; k++) xs.push(most ** (k / 60));
  const drawn = (y, more) => Object.assign({data: xs.map(x => ({x, y: y(x)})),
    borderColor: hue(i), borderWidth: 1, pointRadius: 0, pointHitRadius: 0}, more);
  const line = (s, more) => drawn(x => by_law(model, s, x, id), more);
  const s = model.serial_fraction, name = curve.label === 'measured' ? 'law' : curve.label + ', law';
  if (model.usl.best === 'usl')
    return [drawn(x => usl(model.usl, x, id), {role: 'law', label: name + ' (USL)', borderDash: [2, 2]})];
  const lines = [line(s.value, {role: 'law', label: name + ' (s = ' + digits(s.value) + ')', borderDash: [2, 2]})];
  if (known(s.low) && known(s.high))
    lines.push(line(s.low, {role: 'band', label: '', borderWidth: 0, fill: '+1', backgroundColor: hue(i) + '26'}),
      line(s.high, {role: 'band', label: '', borderWidth: 0}));
  return lines;
}

/* Thread counts that are powers of two, or nearly, stand evenly on a logarithmic axis. */
function is_geometric(counts) {
  const most = Math.max(...counts);

  return most >= 16 && counts.length <= 2 * Math.log2(most) + 2;
}

function thread_axis(points) {
  const counts = distinct(points.map(p => p.threads)).sort((a, b) => a - b);
  const ticks = scale => { scale.ticks = counts.map(value => ({value})); };

  if (is_geometric(counts))
    return axis('threads', digits, {type: 'logarithmic', afterBuildTicks: ticks});
  return axis('threads', digits, counts.length <= 16 ? {type: 'linear', afterBuildTicks: ticks}
    : {type: 'linear'});
}

function curve_chart(curves, id, title, format) {
  const points = curves.flatMap(c => c.points);

  return () => {
    const x = thread_axis(points), log = x.type === 'logarithmic' && id === 'speedup';
    const datasets = curves.map((c, i) => measured(c, i, id, points));

    if (id !== 'wall_time')
      datasets.push(ideal(points, id), ...curves.flatMap((c, i) => law(c, i, id)));
    return {type: 'line', data: {datasets}, options: options(format, item => threads_text(item.parsed.x),
      {x, y: log || id === 'wall_time' ? log_axis(title, format) : axis(title, format, {beginAtZero: true})})};
  };
}

function add_curves(parent, points) {
  const curves = curves_of(points).filter(c => c.points.some(p => has(p, 'speedup')));

  if (!curves.some(c => distinct(c.points.map(p => p.threads)).length > 1)) return false;
  plot(parent, 'Speedup', curve_chart(curves, 'speedup', 'speedup', digits));
  if (points.some(p => has(p, 'efficiency')))
    plot(parent, 'Efficiency', curve_chart(curves.filter(c => c.points.some(p => has(p, 'efficiency'))),
      'efficiency', 'efficiency', percent));
  return true;
}

/* Bars. */

function bar_options(format, title, more) {
  return options(format, item => item.label, {
    x: axis(title, format, {beginAtZero: true}),
    y: axis('', null, {title: {display: false}, ticks: {color: colour('ink'), autoSkip: true, autoSkipPadding: 2,
      callback(value) { return shorten_label(this.getLabelForValue(value), this.chart.width < 450 ? 18 : this.chart.width > 900 ? 60 : 28); }}}),
  }, Object.assign({indexAxis: 'y'}, more));
}

/* A bar a point, a colour a strategy. */
function metric_bars(points, id, title, format) {
  const name = point_namer(points), kind = namer(points);
  const shown = points.filter(p => has(p, id)), kinds = distinct(shown.map(kind));

  return () => {
    const datasets = kinds.map((k, i) => ({role: 'measured', whiskers: true, label: k || title, grouped: false,
      backgroundColor: hue(i) + 'cc', data: shown.filter(p => kind(p) === k).map(p =>
        ({x: metric(p, id).value, y: name(p), low: metric(p, id).low, high: metric(p, id).high}))}));
    const config = {type: 'bar', data: {labels: shown.map(name), datasets},
      options: bar_options(format, title)};

    config.options.plugins.legend.display = false;
    return config;
  };
}

function add_bars(parent, points, id, title, format) {
  const shown = points.filter(p => has(p, id)).length;

  if (shown) plot(parent, title, metric_bars(points, id, title, format), shown);
}

function lost(point, loss) {
  return metric(point, 'lost_cores_' + loss).value || 0;
}

function lost_bars(points) {
  const name = point_namer(points);
  const matters = LOSSES.filter(([id]) => points.some(p => Math.abs(lost(p, id)) >= 0.005));
  const bars = (label, i, value, whisker) => ({label, role: 'part', backgroundColor: hue(i) + (i ? 'b0' : ''),
    data: points.map(p => Object.assign({x: value(p), y: name(p)}, whisker(p)))});
  const ends = m => ({low: m.low, high: m.high});

  return () => ({
    type: 'bar',
    data: {labels: points.map(name), datasets: [
      bars('speedup', 0, p => metric(p, 'speedup').value, p => ends(metric(p, 'speedup'))),
      ...matters.map(([id, label], i) => bars(label, i + 1, p => lost(p, id), p => ends(metric(p, 'lost_cores_' + id)))),
    ]},
    options: bar_options(digits, 'CPUs', {scales: {
      x: axis('CPUs', digits, {stacked: true}),
      y: Object.assign(bar_options(digits, '').scales.y, {stacked: true}),
    }}),
  });
}

function add_lost(parent, points) {
  const shown = points.filter(p => has(p, 'speedup') && LOSSES.some(([id]) => has(p, 'lost_cores_' + id)));

  if (shown.length) plot(parent, 'Where the cores went', lost_bars(shown), shown.length + 2);
}

/* Curves over a parameter. */

function amount(point, parameter) {
  return parse_amount(point.parameters[parameter] || '');
}

function ways_of(points) {
  const plain = p => Object.assign({}, p, {workload_label: ''});
  const ways = new Map(), name = point_namer(points.filter(p => !p.baseline).map(plain)), kind = namer(points.map(plain));
  const commands = distinct(points.map(p => p.pattern)).length > 1;
  const threads = distinct(points.map(p => p.threads)).length > 1;
  const label = p => commands ? [p.pattern, kind(plain(p)), threads && threads_text(p.threads)].filter(Boolean).join(', ')
    : p.baseline ? kind(plain(p)) : name(plain(p));

  for (const p of points) {
    const key = JSON.stringify([p.source, p.pattern, p.strategy_label, p.placement, p.threads, p.baseline]);

    if (!ways.has(key)) ways.set(key, {label: label(p), points: []});
    ways.get(key).points.push(p);
  }
  return [...ways.values()];
}

function crossovers(points, parameter, ways) {
  return distinct(points.map(p => p.of)).flatMap(of => of.models.grain
    .filter(g => g.parameter === parameter && (g.against || g.workload === points[0].workload) && known(g.crossover.value))
    .map(g => ({value: g.crossover.value, low: g.crossover.low, high: g.crossover.high,
      colour: hue(Math.max(0, ways.findIndex(w => w.points[0].of === of && [w.points[0].pattern, w.points[0].strategy_label].includes(g.strategy)
        && w.points[0].threads === g.threads && w.points[0].placement === g.placement)))})));
}

function parameter_chart(points, parameter, id, title, format) {
  const ways = ways_of(points);
  const x_format = points.some(p => /s$/.test(p.parameters[parameter] || '')) ? time : count;
  const log = points.every(p => amount(p, parameter) > 0);

  return () => {
    const datasets = ways.map((w, i) => ({role: w.points[0].baseline ? 'reference' : 'measured', whiskers: true,
      label: w.label, borderColor: hue(i), backgroundColor: hue(i), borderWidth: 2, pointRadius: 3, pointStyle: shape_of(w.points[0], points),
      data: w.points.filter(p => has(p, id)).map(p => as_datum(amount(p, parameter), metric(p, id)))}))
      .filter(d => d.data.length && !(id === 'speedup' && d.role === 'reference'));

    if (id === 'speedup')
      datasets.push({role: 'ideal', label: 'as fast as the reference', borderColor: colour('muted'), borderDash: [6, 4], borderWidth: 1.5,
        pointRadius: 0, pointHitRadius: 0, data: distinct(points.map(p => amount(p, parameter))).map(x => ({x, y: 1}))});
    return {type: 'line', data: {datasets}, options: options(format,
      item => parameter + ' ' + x_format(item.parsed.x), {
        x: log ? log_axis(parameter, x_format) : axis(parameter, x_format, {type: 'linear'}),
        y: log_axis(title, format)}, {marks: crossovers(points, parameter, ways)})};
  };
}

function add_series(parent, points, parameter) {
  plot(parent, 'Speedup by ' + parameter, parameter_chart(points, parameter, 'speedup', 'speedup', digits));
  plot(parent, 'Time by ' + parameter, parameter_chart(points, parameter, 'wall_time', 'wall time', time));
}

/* Samples. */

function is_outlier(sorted) {
  const low = quantile(sorted, 0.25), high = quantile(sorted, 0.75), room = 1.5 * (high - low);

  return x => x < low - room || x > high + room;
}

function rounds_chart(choice) {
  return () => {
    const {values, format, title} = choice(), far = is_outlier(ascending(values));
    const at = keep => values.map((y, i) => ({x: i + 1, y})).filter(d => known(d.y) && keep(d.y));
    const width = Math.max(1, Math.round(values.length / 20));

    return {type: 'scatter', data: {datasets: [
      {role: 'samples', label: 'rounds', data: at(y => !far(y)), backgroundColor: hue(0) + '99', pointStyle: 'circle', pointRadius: values.length > 200 ? 1.5 : 3},
      {role: 'samples', label: 'outliers', data: at(far), backgroundColor: hue(1), pointStyle: 'triangle', pointRadius: 4},
      {role: 'drift', label: 'median of ' + (2 * width + 1), type: 'line', borderColor: colour('ink'), backgroundColor: colour('ink'), borderWidth: 1.5,
        pointRadius: 0, pointHitRadius: 0, data: running_median(values, width)},
    ]}, options: options(format, item => 'round ' + item.parsed.x, {
      x: axis('round', digits, {type: 'linear', min: 0, max: values.length + 1}), y: axis(title, format)})};
  };
}

function distribution_chart(choice) {
  return () => {
    const {values, format, title} = choice(), bins = histogram(values);
    const config = {type: 'bar', data: {labels: bins.map(b => format((b.low + b.high) / 2)), datasets: [
      {role: 'samples', label: 'rounds', backgroundColor: hue(0) + 'cc', categoryPercentage: 1, barPercentage: 0.95,
        data: bins.map(b => b.count)}]},
    options: options(x => x, item => format(bins[item.dataIndex].low) + ' to ' + format(bins[item.dataIndex].high), {
      x: axis(title), y: whole_axis('rounds')})};

    config.options.plugins.legend.display = false;
    return config;
  };
}

function add_select(parent, label, choices) {
  const box = element('label', label + ' ', parent), select = element('select', null, box);

  choices.forEach(([value, text]) => { element('option', text, select).value = value; });
  return select;
}

function sampled_metrics(points) {
  return distinct(points.flatMap(p => Object.keys(p.samples))).filter(id =>
    points.some(p => (p.samples[id] || []).some(known)));
}

function add_samples(parent, points) {
  const name = point_namer(points), shown = points.filter(p => Object.values(p.samples).some(s => s.some(known)));
  const metrics = sampled_metrics(shown);

  if (!metrics.length || !shown.some(p => p.rounds > 1)) return;
  const box = element('div');
  box.className = 'choices';
  const which = add_select(box, 'Samples of', shown.map((p, i) => [i, shorten(name(p) || p.workload_label, 60)]));
  const what = add_select(box, 'metric', metrics.map(id => [id, id]));
  which.value = shown.length - 1;
  what.value = metrics.includes('wall_time') ? 'wall_time' : metrics[0];
  parent.before(box);
  parent.parentNode.insertBefore(box, parent);
  const choice = () => {
    const point = shown[which.value], values = point.samples[what.value] || [];

    return {values: values.some(known) ? values : [0], format: format_of(metric(point, what.value).unit), title: what.value};
  };
  const drawn = [plot(parent, 'Samples over rounds', rounds_chart(choice)),
    plot(parent, 'Their distribution', distribution_chart(choice))];
  for (const select of [which, what]) select.addEventListener('change', () => drawn.forEach(draw));
}

/* What was seen of programs. */

function place_text(place) {
  const own = (place.function || place.module || '').replace(/\.(constprop|isra|part|cold|_omp_fn)\b.*/, '');

  return place.library && own ? place.library.split('@')[0] + ' from ' + own : place.library || own || 'unknown code';
}

function stacked_rows(rows, parts, title) {
  const labels = rows.map((r, i) => i + 1 + '. ' + r.name);

  return () => ({type: 'bar', data: {labels, datasets: parts.map(([key, label], i) => ({role: 'part', label,
    backgroundColor: hue(i) + 'cc', data: rows.map((r, k) => ({x: r[key], y: labels[k]}))}))},
  options: bar_options(time, title, {scales: {
    x: axis(title, time, {stacked: true}), y: Object.assign(bar_options(time, '').scales.y, {stacked: true})}})});
}

function running_chart(running) {
  return () => {
    const config = {type: 'bar', data: {labels: running.map((_, i) => i), datasets: [
      {role: 'part', label: 'time', backgroundColor: hue(0) + 'cc', data: running}]},
    options: options(time, item => threads_text(item.dataIndex) + ' on a CPU', {
      x: axis('threads on a CPU'), y: axis('time', time, {beginAtZero: true})})};

    config.options.plugins.legend.display = false;
    return config;
  };
}

/* Bars that touch: how many threads ran when, and where one was alone. */
function timeline_chart(timeline) {
  const {bin, running, alone} = timeline, from = i => time(i * bin);

  return () => {
    const bars = (label, colours, value) => ({role: 'timeline', label, backgroundColor: colours, data: running.map((_, i) => value(i)),
      categoryPercentage: 1, barPercentage: 1.02});
    const lone = i => Math.min(alone[i], running[i]);

    return {type: 'bar', data: {labels: running.map((_, i) => from(i)), datasets: [
      bars('one thread alone', hue(1), lone), bars('several threads', hue(0), i => Math.max(0, running[i] - lone(i))),
    ]}, options: options(x => digits(x), items => from(items.dataIndex) + ' to ' + from(items.dataIndex + 1), {
      x: axis('time', null, {stacked: true, grid: {display: false}, ticks: {color: colour('muted'), maxRotation: 0, autoSkipPadding: 24}}),
      y: Object.assign(whole_axis('threads on a CPU'), {stacked: true})})};
  };
}

function add_diagnosis(parent, d) {
  if (d.timeline && d.timeline.running.length > 1)
    plot(parent, 'When its threads ran', timeline_chart(d.timeline), 6).box.parentNode.classList.add('wide');

  const losses = d.losses.slice(0, MOST_BARS).map(l => ({name: l.kind + ': ' + place_text(l.place), idle: l.idle, spun: l.spun}));
  const code = d.code.slice(0, MOST_BARS).map(c =>
    ({name: place_text(c.place), alone: c.alone, beside: Math.max(0, c.cpu_time - c.alone)}));

  if (losses.length)
    plot(parent, 'Why cores had nothing to do', stacked_rows(losses, [['idle', 'idle'], ['spun', 'in waiting loops']], 'core time'), losses.length + 2);
  if (code.length)
    plot(parent, 'Where CPU time went', stacked_rows(code, [['alone', 'while no other thread ran'], ['beside', 'beside others']], 'CPU time'), code.length + 2);
  if (d.running.some(x => x > 0)) plot(parent, 'How many threads ran at once', running_chart(d.running));
}

/* Sections. */

/* That the element is about. */
function result_of(element) {
  const article = element.closest('article');

  return documents[article ? Number(article.dataset.document) : 0].result;
}

/* Points of several results. */
function fill_beside(section) {
  const points = section.dataset.points.split(' ').map(place => {
    const [of, index] = place.split('.').map(Number);

    return documents[of].result.points[index];
  });
  const charts = section.querySelector('.charts'), curves = curves_of(points);

  if (section.dataset.parameter) {
    add_series(charts, points, section.dataset.parameter);
  } else if (add_curves(charts, points)) {
    plot(charts, 'Wall time', curve_chart(curves, 'wall_time', 'wall time', time));
  } else {
    add_bars(charts, points.filter(p => !p.baseline), 'speedup', 'Speedup', digits);
    add_bars(charts, points, 'wall_time', 'Wall time', time);
    add_bars(charts, points, 'smt_effect', 'Throughput relative to one thread per core', digits);
  }
  add_lost(charts, section.dataset.parameter ? [] : points);
}

function fill_block(section) {
  const first = Number(section.dataset.first), points = result_of(section).points.slice(first, first + Number(section.dataset.count));
  const charts = section.querySelector('.charts'), kind = section.dataset.kind;

  if (kind === 'series') {
    add_series(charts, points, section.dataset.parameter);
  } else if (kind === 'smt') {
    add_bars(charts, points, 'smt_effect', 'Throughput relative to one thread per core', digits);
    add_bars(charts, points, 'packed_effect', 'Packed on half of the cores, relative to one thread per core', digits);
  } else if (!add_curves(charts, points)) {
    add_bars(charts, points.filter(p => !p.baseline), 'speedup', 'Speedup', digits);
    add_bars(charts, points, 'wall_time', 'Wall time', time);
  }
  add_lost(charts, kind === 'series' ? [] : points);
  const samples = element('div');
  samples.className = 'charts';
  section.append(samples);
  add_samples(samples, points);
}

/* How far CPUs are from one another. */

/* The mean of what was measured between the CPUs of two cells. */
function cell_of(trips, row, column, size) {
  const values = trips.slice(row * size, (row + 1) * size).flatMap(r => r.slice(column * size, (column + 1) * size)).filter(known);

  return values.length ? values.reduce((a, b) => a + b) / values.length : null;
}

/* Squares, the nearer the stronger; by the logarithm, since from a core to a package it is a factor of ten. */
const squares = {
  id: 'squares',
  beforeDatasetsDraw(chart) {
    const c = chart.ctx, {x, y} = chart.scales, heat = chart.options.heat;
    const wide = Math.abs(x.getPixelForValue(1) - x.getPixelForValue(0)), high = Math.abs(y.getPixelForValue(1) - y.getPixelForValue(0));

    if (!heat) return;
    c.save();
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    for (const d of chart.data.datasets[0].data) {
      const far = Math.log(d.ns / heat.low) / Math.max(Math.log(heat.high / heat.low), Math.log(1.5));
      const left = x.getPixelForValue(d.x) - wide / 2, top = y.getPixelForValue(d.y) - high / 2;

      c.globalAlpha = 0.9 - 0.8 * Math.min(1, far);
      c.fillStyle = hue(0);
      c.fillRect(left, top, wide, high);
      c.globalAlpha = 1;
      c.fillStyle = far < 0.4 ? colour('paper') : colour('ink');
      if (wide >= 36) c.fillText(digits(d.ns), left + wide / 2, top + high / 2);
    }
    c.restore();
  },
};

function heat_chart(probe) {
  const {cpus, round_trips_ns: trips} = probe, size = Math.ceil(cpus.length / 128), cells = Math.ceil(cpus.length / size);
  const data = [];

  for (let y = 0; y < cells; y++)
    for (let x = 0; x < cells; x++) {
      const ns = cell_of(trips, y, x, size);

      if (known(ns)) data.push({x, y, ns});
    }
  const all = data.map(d => d.ns), heat = {low: Math.min(...all), high: Math.max(...all)};
  const name = i => size > 1 ? cpus[i * size] + ' to ' + cpus[Math.min((i + 1) * size, cpus.length) - 1] : String(cpus[i]);
  const side = more => axis('CPU', value => Number.isInteger(value) && value < cells ? String(cpus[value * size]) : '',
    Object.assign({type: 'linear', min: -0.5, max: cells - 0.5, grid: {display: false}, afterBuildTicks: scale => {
      const step = Math.ceil(cells / 16);

      scale.ticks = [...Array(cells).keys()].filter(i => i % step === 0).map(value => ({value}));
    }}, more));

  return {heat, make() {
    const config = {type: 'scatter', data: {datasets: [{role: 'trips', label: 'round trip', data, pointRadius: 0, pointHitRadius: 400 / cells}]},
      options: options(digits, item => 'CPUs ' + name(item.raw.x) + ' and ' + name(item.raw.y), {x: side(), y: side({reverse: true})}, {heat})};

    config.options.plugins.legend.display = false;
    config.options.plugins.tooltip.callbacks.label = item => digits(item.raw.ns) + ' ns';
    return config;
  }};
}

function fill_trips(section) {
  const probe = documents[0].result.probe, {heat, make} = heat_chart(probe), ns = x => digits(x) + ' ns';
  const title = 'Round trips of a cache line' + (heat.low < heat.high ? ', from ' + ns(heat.low) + ' (full colour) to ' + ns(heat.high) + ' (pale)'
    : ': ' + ns(heat.low));

  const {box} = plot(section.querySelector('.charts'), title, make);
  box.className = 'plot square';
  box.style.maxWidth = Math.min(36, 6 + 5 * probe.cpus.length) + 'rem';
}

/* Changes, with their limits; serial fractions, whose changes are differences, by themselves. */
function change_chart(rows, title, threshold, shown) {
  const name = r => r.number + '. ' + r.metric.replace('_', ' ') + ', ' + r.subject, hues = {worse: 6, better: 2};
  const datum = r => ({x: shown(r.change.value), y: name(r), low: shown(r.change.family_low), high: shown(r.change.family_high)});

  return () => {
    const config = {type: 'bar', data: {labels: rows.map(name), datasets: distinct(rows.map(r => r.verdict)).map(v => ({
      role: 'measured', whiskers: true, label: v, grouped: false, backgroundColor: hue(hues[v] || 7) + 'cc',
      data: rows.filter(r => r.verdict === v).map(datum)}))},
    options: bar_options(x => digits(x), title)};

    config.options.marks = threshold.map(value => ({value, colour: colour('muted')}));
    return config;
  };
}

function fill_changes(section) {
  const {rows, threshold} = documents[0].result, charts = section.querySelector('.charts');
  const add = (title, ...more) => plot(charts, title, change_chart(...more), more[0].length + 2).box.parentNode.classList.add('wide');

  rows.forEach((r, i) => { r.number = i + 1; });
  const ratios = rows.filter(r => r.change.kind === 'ratio' && known(r.change.value));
  const differences = rows.filter(r => r.change.kind === 'difference' && known(r.change.value));
  const percent_more = x => known(x) ? 100 * (x - 1) : null;

  if (ratios.length)
    add('Changes', ratios, 'change, %', [100 * (1 / (1 + threshold) - 1), 100 * threshold], percent_more);
  if (differences.length)
    add('Changes of the serial fraction', differences, 'change', [-threshold, threshold], x => x);
}

function fill_overhead(parts) {
  const rows = documents[0].result.parts.filter(p => p.value > 0), charts = parts.querySelector('.charts');

  if (!rows.length) return;
  plot(charts, 'What each part costs', () => {
    const config = {type: 'bar', data: {labels: rows.map(r => r.part), datasets: [{role: 'measured', whiskers: true, label: 'time',
      backgroundColor: hue(0) + 'cc', data: rows.map(r => ({x: r.value, y: r.part, low: r.low, high: r.high}))}]},
    options: bar_options(time, 'time')};

    config.options.scales.x = log_axis('time', time);
    config.options.plugins.legend.display = false;
    return config;
  }, rows.length);
}

function save({text, name}) {
  const link = document.createElement('a');

  link.href = URL.createObjectURL(new Blob([text], {type: 'application/json'}));
  link.download = ((name || document.title).replace(/[^\w.-]+/g, '-').slice(-60) || 'parscope') + '.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function on_paper(printing) {
  document.documentElement.classList.toggle('printing', printing);
  redraw();
}

read_palette();
Chart.register(intervals, marks, squares);
Chart.defaults.font.family = 'system-ui, sans-serif';
document.querySelectorAll('.beside').forEach(fill_beside);
document.querySelectorAll('.block').forEach(fill_block);
document.querySelectorAll('.diagnosis').forEach(box => {
  const d = result_of(box).points[Number(box.dataset.point)].diagnosis;

  if (d && !d.missing) add_diagnosis(box.querySelector('.charts'), d);
});
document.querySelectorAll('#changes').forEach(fill_changes);
document.querySelectorAll('#trips').forEach(fill_trips);
document.querySelectorAll('#parts').forEach(fill_overhead);
document.querySelectorAll('button[data-document]').forEach(button =>
  button.addEventListener('click', () => save(documents[Number(button.dataset.document)])));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
addEventListener('beforeprint', () => on_paper(true));
addEventListener('afterprint', () => on_paper(false));
})();
