"""The chart: CPU seconds per million events, one bar a row, on white or dark pages alike."""
from xml.sax.saxutils import escape

WIDTH, BAR, GAP, LABELS, TOP = 900, 20, 8, 400, 44
COLOURS = {"limit": "#8a8f98", "stepstream": "#d9480f"}
OTHER = "#4a6fa5"


def bars(rows, caption):
    rows = [row for row in rows if row["cpu_s_per_million"] is not None]
    longest = max(row["cpu_s_per_million"] for row in rows)
    scale = (WIDTH - LABELS - 90) / longest
    height = TOP + len(rows) * (BAR + GAP) + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">',
             f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
             '<text x="12" y="24" font-size="16" font-weight="bold" fill="#1b1b1b">CPU seconds per million events (less is better)</text>']
    for number, row in enumerate(rows):
        top = TOP + number * (BAR + GAP)
        cpu_s = row["cpu_s_per_million"]
        length = max(cpu_s * scale, 1)
        label = escape(f'{row["peer"]}, {row["variant"]}'.rstrip(", "))
        parts += [f'<text x="{LABELS - 8}" y="{top + 15}" text-anchor="end" fill="#1b1b1b">{label}</text>',
                  f'<rect x="{LABELS}" y="{top}" width="{length:.1f}" height="{BAR}" fill="{COLOURS.get(row["peer"], OTHER)}"/>',
                  f'<text x="{LABELS + length + 6:.1f}" y="{top + 15}" fill="#1b1b1b">{cpu_s:g}</text>']
    parts += [f'<text x="12" y="{height - 10}" font-size="9" fill="#555555">{escape(caption)}</text>', "</svg>"]
    return "\n".join(parts) + "\n"
