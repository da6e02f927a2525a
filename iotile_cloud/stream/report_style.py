"""How the page of a report looks: on wide and narrow screens, light and dark, and on paper."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root { color-scheme: light dark; --ink: #17212e; --soft: #5b6878; --paper: #fff; --back: #f3f5f8;
  --edge: #dde2e9; --accent: #1668c7; --bad: #a3260f; --warm: #fdf0ec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ecf2; --soft: #9aa7b7; --paper: #18202a;
  --back: #0f151c; --edge: #2c3744; --accent: #63a9f7; --bad: #ff9c85; --warm: #2c1d1a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
main, footer { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
header { padding: 36px 0 20px; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 14px; font-size: 17px; }
header p { margin: 6px 0 0; color: var(--soft); }
section, figure { background: var(--paper); border: 1px solid var(--edge); border-radius: 10px;
  margin: 0 0 18px; padding: 20px 24px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 14px;
  background: none; border: 0; padding: 0; }
.tiles div { background: var(--paper); border: 1px solid var(--edge); border-radius: 10px;
  padding: 14px 20px; }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { margin: 2px 0 0; font-size: 25px; line-height: 1.25; font-weight: 600;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tiles small { font-size: 15px; font-weight: 400; color: var(--soft); }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 2px solid var(--accent); outline-offset: 4px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 14px 7px 0; text-align: left; vertical-align: baseline;
  border-bottom: 1px solid var(--edge); unicode-bidi: isolate; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > *, tfoot tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 500; font-size: 13px; white-space: nowrap; }
tbody th { font-weight: 400; }
tfoot > tr > * { border-top: 2px solid var(--edge); font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
.time { white-space: nowrap; }
td small { display: block; color: var(--soft); white-space: normal; }
.time span, td small span { white-space: nowrap; }
.name { display: block; font-weight: 600; overflow-wrap: anywhere; unicode-bidi: plaintext; }
tbody th code { display: block; min-width: 41ch; }
code { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  color: var(--soft); overflow-wrap: anywhere; unicode-bidi: isolate; }
figcaption { margin-bottom: 8px; text-align: left; }
figure p { margin: 4px 0 0; color: var(--soft); font-size: 13px; }
.plot .line { stroke: var(--accent); }
.plot text { font-variant-numeric: tabular-nums; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.problems { background: var(--warm); border-color: var(--bad); }
.problems h2 { color: var(--bad); }
.problems ul { margin: 0; padding-left: 20px; overflow-wrap: anywhere; }
.receipt table { font-size: 13px; }
.receipt tbody th { min-width: 41ch; overflow-wrap: anywhere;
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
footer { padding: 6px 24px 40px; color: var(--soft); font-size: 13px; }
@media (max-width: 640px) {
  main, footer { padding-left: 12px; padding-right: 12px; }
  header { padding: 22px 4px 14px; } h1 { font-size: 23px; }
  section, figure { padding: 14px 16px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 10px; padding: 0; }
  .tiles div { padding: 10px 14px; } .tiles dd { font-size: 20px; }
  .plot .time:nth-of-type(even) text:first-child { display: none; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 8px; }
  tbody th code, .receipt tbody th { min-width: 21ch; }
}
@page { margin: 14mm; }
@media print {
  :root { --ink: #000; --soft: #444; --paper: #fff; --back: #fff; --edge: #bbb;
    --accent: #0b4f9e; --bad: #8c1d08; --warm: #fff; color-scheme: light; }
  body { font-size: 10pt; }
  main, footer { max-width: none; padding: 0; }
  header { padding-top: 0; }
  section, figure { border-radius: 0; border-width: 0 0 1px; padding: 8px 0 12px; }
  .tiles div { border-radius: 4px; padding: 8px 12px; }
  figure, .tiles, tr { break-inside: avoid; }
  h1, h2, figcaption { break-after: avoid; }
  thead { display: table-header-group; } tfoot { display: table-row-group; }
  .wide { overflow: visible; } table { font-size: 8.5pt; }
  .receipt table, code { font-size: 7.5pt; } thead th { white-space: normal; }
  th, td { padding-right: 10px; } .time { white-space: normal; }
  .receipt tbody th { min-width: 21ch; }
  .plot { height: 130px; } .plot .line { stroke-width: 1; } .plot .dots { stroke-width: 4; }
}
"""
