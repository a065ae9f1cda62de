namespace XenBalloon.Simulation.Report;

/// <summary>
/// The style sheet, for light and dark mode. It has no quotation marks or angle brackets, which HTML and XML parse
/// differently in a style sheet.
/// </summary>
internal static class ReportStyle
{
    internal const string Sheet = """
        :root { color-scheme: light dark; --paper: #ffffff; --ink: #1c2126; --faint: #6a737d; --rule: #d9dee3;
          --good: #e4f3e6; --bad: #b3261e; --ok: #1b7a34;
          --c0: #3b76c4; --c1: #e08a1e; --c2: #3f9b57; --c3: #c94b4b; --c4: #8a63b8; --c5: #8b6a52; --c6: #d670ad;
          --c7: #7d8590; --c8: #a9a825; --c9: #29a3b5; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #14181c; --ink: #e4e8ec; --faint: #97a1ab; --rule: #333b43; --good: #1d3a25; --bad: #ff8a80;
            --ok: #7fd494;
            --c0: #6ea2e8; --c1: #f0a94e; --c2: #6cc484; --c3: #e87878; --c4: #b18fdc; --c5: #b8957c; --c6: #ee9bcb;
            --c7: #a5adb6; --c8: #cfcd55; --c9: #5cc7d6; } }
        body { margin: 2rem; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.5rem; margin: 0 0 1rem; }
        h2 { font-size: 1.25rem; margin: 2.5rem 0 0; }
        h3 { font-size: 1rem; margin: 2rem 0 0.5rem; }
        p { margin: 0.25rem 0; max-width: 60rem; }
        .conditions, .reason, small { color: var(--faint); }
        .wide { overflow-x: auto; margin: 1rem 0; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 0.3rem 0.5rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
        th { font-weight: 600; vertical-align: bottom; }
        th[scope=col] { white-space: normal; }
        th:first-child { position: sticky; left: 0; background: var(--paper); text-align: left; }
        td.best { background: var(--good); }
        ul.plain, ul.legend { list-style: none; padding: 0; margin: 1rem 0; }
        code { font: 0.92em ui-monospace, monospace; }
        .verdict { display: inline-block; min-width: 5.5rem; font-weight: 600; }
        .passed { color: var(--ok); }
        .failed { color: var(--bad); }
        .undecided { color: var(--faint); }
        ul.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
        .swatch, .stroke { display: inline-block; width: 1.1rem; margin-right: 0.4rem; vertical-align: middle; }
        .swatch { height: 0.7rem; background: var(--c, var(--faint)); border-radius: 2px; }
        .stroke { border-top: 1.5px solid var(--ink); }
        .stroke.target { border-top: 1px dashed var(--faint); }
        .plots th, .plots td { border: 0; padding: 0.15rem 1rem 0.15rem 0; vertical-align: top; }
        .plots th[scope=col] { text-align: left; padding-left: 46px; }
        .plots th[scope=row] { min-width: 7rem; max-width: 9rem; white-space: normal; z-index: 1; }
        small { display: block; font-weight: 400; }
        svg { display: block; overflow: visible; }
        svg text { font: 10px system-ui, sans-serif; fill: var(--faint); }
        svg .value { text-anchor: end; }
        svg .time { text-anchor: middle; }
        .grid { stroke: var(--rule); stroke-width: 1; shape-rendering: crispEdges; }
        .band { fill: var(--c); fill-opacity: 0.75; }
        .line { fill: none; stroke: var(--c, var(--ink)); stroke-width: 1.3; stroke-linejoin: round; }
        .line.target { stroke-dasharray: 4 3; stroke-width: 1; stroke: var(--faint); }
        .c0 { --c: var(--c0); } .c1 { --c: var(--c1); } .c2 { --c: var(--c2); } .c3 { --c: var(--c3); }
        .c4 { --c: var(--c4); }
        .c5 { --c: var(--c5); } .c6 { --c: var(--c6); } .c7 { --c: var(--c7); } .c8 { --c: var(--c8); }
        .c9 { --c: var(--c9); }

        """;
}
