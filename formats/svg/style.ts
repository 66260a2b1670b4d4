/** Colours for light, and for dark where the viewer asks for it; contrast of text at least 4.5 to 1 (WCAG 2.2, 1.4.3). */
export const style = `
:root { color-scheme: light dark; }
text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #0f172a; }
.ground { fill: #ffffff; }
.heading { font-size: 17px; font-weight: 600; }
.name { font-size: 13px; font-weight: 600; }
.kind, .rate { font-size: 11px; fill: #475569; }
.low.rate { fill: #9a3412; font-weight: 600; }
rect { stroke-width: 1; }
.socket rect { fill: #ede9fe; stroke: #6d28d9; }
.fabric rect { fill: #f1f5f9; stroke: #64748b; }
.device rect { fill: #ccfbf1; stroke: #0f766e; }
.link, .inside { fill: none; stroke: #64748b; stroke-width: 1.5; }
.inside { stroke-width: 1; }
.link.low { stroke: #c2410c; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
text { fill: #f1f5f9; }
.ground { fill: #0f172a; }
.kind, .rate { fill: #cbd5e1; }
.low.rate { fill: #fdba74; }
.socket rect { fill: #2e1065; stroke: #a78bfa; }
.fabric rect { fill: #1e293b; stroke: #94a3b8; }
.device rect { fill: #134e4a; stroke: #2dd4bf; }
.link, .inside { stroke: #94a3b8; }
.link.low { stroke: #fb923c; }
}
`;
